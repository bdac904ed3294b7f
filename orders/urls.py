"""orders' addresses: files and the Amazon page. Lists of orders show messages, so they are campaigns'."""

from django.urls import path

from orders.views import connection, imports

seller_urlpatterns = [
    path("orders/imports/", imports.list_imports, name="order_imports"),
    path("orders/imports/<int:order_import>/", imports.one_import, name="order_import"),
    path("orders/sync/", connection.sync_now, name="order_sync"),
    path("connection/", connection.connection, name="connection"),
    path("connection/start/", connection.start, name="connection_start"),
    path("connection/<int:connection>/edit/", connection.edit, name="connection_edit"),
    path("connection/<int:connection>/end/", connection.end, name="connection_end"),
]
