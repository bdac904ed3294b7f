"""Template tags every page has. (The pages' builder fills this.)"""

from django import template

register = template.Library()
