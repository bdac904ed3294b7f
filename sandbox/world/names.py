"""Invented people, places and words of feedback. No list of anybody else's was used."""

from __future__ import annotations

FIRST = {
    "en": ["Avery", "Jordan", "Casey", "Morgan", "Riley", "Quinn", "Harper", "Rowan", "Emerson", "Hayden", "Nora", "Felix", "Iris", "Miles", "Tessa", "Grant", "Willa"],  # noqa: E501
    "de": ["Anke", "Bernd", "Carla", "Detlef", "Elke", "Frieda", "Gregor", "Heike", "Ingo", "Jutta", "Klaus", "Lena", "Moritz", "Nele", "Olaf", "Petra", "Ruth", "Sven"],  # noqa: E501
    "fr": ["Adèle", "Bastien", "Céline", "Damien", "Élodie", "Fabien", "Gaëlle", "Hugo", "Inès", "Julien", "Léa", "Maxime", "Noémie", "Océane", "Rémi"],
    "es": ["Alba", "Bruno", "Carmen", "Diego", "Elena", "Fermín", "Gloria", "Hugo", "Irene", "Javier", "Lucía", "Marcos", "Nuria", "Pablo", "Rocío"],
    "it": ["Alessia", "Bruno", "Chiara", "Dario", "Elisa", "Fabio", "Giada", "Ivano", "Letizia", "Marco", "Nadia", "Piero", "Renata", "Silvio"],
    "ja": ["葵", "蓮", "陽菜", "湊", "結衣", "大翔", "美咲", "颯太", "莉子", "樹"],
}
LAST = {
    "en": ["Ashdown", "Birchwood", "Calloway", "Draycott", "Ellery", "Fairfax", "Goodwin", "Harcastle", "Ives", "Kestrel", "Lockhart", "Merrin", "Northcote"],  # noqa: E501
    "de": ["Albers", "Brinkmann", "Classen", "Dorn", "Eilers", "Fährmann", "Gehrke", "Hollmann", "Immel", "Jessen", "Kröger", "Lübbers", "Mertens"],
    "fr": ["Arnoult", "Bellanger", "Charpin", "Delorme", "Estève", "Faucher", "Garrel", "Hamelin", "Jourdan", "Lavigne", "Marchal", "Perrot"],
    "es": ["Aranda", "Bermejo", "Cifuentes", "Dorado", "Escobar", "Fuentes", "Gallardo", "Herranz", "Linares", "Montero", "Olmedo", "Pardo"],
    "it": ["Albertini", "Bassani", "Corsini", "Donati", "Esposti", "Fontanella", "Galassi", "Lombardi", "Marchetti", "Orsini", "Pellegri"],
    "ja": ["青木", "石川", "上田", "小野", "川口", "小松", "柴田", "高木", "中野", "森下"],
}
CITIES = {
    "en": (("Millbrook", "00000"), ("Ashford Falls", "00001"), ("Cedar Point", "00002"), ("Lakeview", "00003")),
    "de": (("Lindenau", "00110"), ("Birkenstadt", "00120"), ("Seehausen", "00130"), ("Altmühl", "00140")),
    "fr": (("Valbourg", "00210"), ("Saint-Aurèle", "00220"), ("Montclair", "00230")),
    "es": (("Villaluz", "00310"), ("Puerto Claro", "00320"), ("Monteagudo", "00330")),
    "it": (("Borgo Alto", "00410"), ("Valchiara", "00420"), ("Pietra Nuova", "00430")),
    "ja": (("みどり市", "000-0001"), ("さくら町", "000-0002"), ("海辺市", "000-0003")),
}
STREETS = {
    "en": ("Maple Row", "Station Lane", "Orchard Street", "Harbor View"),
    "de": ("Lindenweg", "Am Mühlbach", "Gartenstraße", "Kirchgasse"),
    "fr": ("rue des Tilleuls", "allée du Moulin", "chemin Vert"),
    "es": ("calle del Olmo", "avenida del Puerto", "paseo Nuevo"),
    "it": ("via dei Tigli", "viale del Mare", "via Nuova"),
    "ja": ("みどり通り", "海岸通り", "中央通り"),
}
CARRIERS = {"na": ("UPS", "FedEx", "USPS"), "eu": ("DHL", "DPD", "GLS", "Hermes"), "fe": ("Yamato", "Sagawa")}
PRAISE = ("Arrived early and well packed.", "Exactly as described.", "Quick answer to my question, thank you.")
BLAME = ("Took longer than promised.", "The box was damaged.", "Not what I expected from the pictures.")
RETURN_REASONS = ("DEFECTIVE", "UNWANTED_ITEM", "NOT_AS_DESCRIBED", "ORDERED_WRONG_ITEM", "MISSED_ESTIMATED_DELIVERY")


def language(locale: str) -> str:
    """The list of names that serves a locale: its language, or English."""
    head = locale[:2]
    return head if head in FIRST else "en"
