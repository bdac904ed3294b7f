"""Invented products, with a title per language. Some titles carry an emoji so that a rendered text can be blocked."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cache

from ..marketplaces import Marketplace


@dataclass(frozen=True, slots=True)
class Product:
    """`price` in US cents; `kind` is '', 'custom' (made to order) or 'digital'."""

    key: str
    brand: str
    price: int
    titles: dict[str, str]
    kind: str = ""


def _p(key: str, brand: str, price: int, kind: str = "", **titles: str) -> Product:
    return Product(key, brand, price, titles, kind)


CATALOG = (
    _p(
        "KTL-17",
        "Halden",
        3990,
        en="Halden Gooseneck Kettle 1.0 L, Matte Black, with Thermometer",
        de="Halden Schwanenhals-Wasserkessel 1,0 L, mattschwarz, mit Thermometer",
        fr="Halden Bouilloire à col de cygne 1,0 L, noir mat, avec thermomètre",
        es="Halden Hervidor cuello de cisne 1,0 L, negro mate, con termómetro",
        it="Halden Bollitore a collo d'oca 1,0 L, nero opaco, con termometro",
        ja="Halden 細口ケトル 1.0L マットブラック 温度計付き",
    ),
    _p(
        "LMP-KID",
        "Lumora",
        2499,
        en="Glow Lamp ✨ Kids Night Light, Rechargeable, 7 Colours",
        de="Leuchtlampe ✨ Kinder-Nachtlicht, aufladbar, 7 Farben",
        fr="Lampe Lueur ✨ veilleuse enfant, rechargeable",
        es="Lámpara Brillo ✨ luz nocturna infantil, recargable",
        it="Lampada Bagliore ✨ luce notturna bimbi",
        ja="グローランプ ✨ キッズ ナイトライト 充電式",
    ),
    _p(
        "TWL-3P",
        "Fjordlin",
        3450,
        en="Fjordlin Linen Tea Towels, Set of 3, Striped",
        de="Fjordlin Geschirrtücher aus Leinen, 3er-Set, gestreift",
        fr="Fjordlin Torchons en lin, lot de 3, rayés",
        es="Fjordlin Paños de lino, juego de 3, a rayas",
        it="Fjordlin Strofinacci di lino, set da 3",
    ),
    _p(
        "BRD-OAK",
        "Timbra",
        4990,
        en="Timbra Oak Chopping Board with Juice Groove, 40 x 28 cm",
        de="Timbra Schneidebrett Eiche mit Saftrille, 40 x 28 cm",
        fr="Timbra Planche à découper en chêne, 40 x 28 cm",
        es="Timbra Tabla de cortar de roble, 40 x 28 cm",
        it="Timbra Tagliere di rovere, 40 x 28 cm",
    ),
    _p(
        "BTL-750",
        "Corvana",
        2790,
        en="Corvana Insulated Bottle 750 ml, Leakproof, Sage Green",
        de="Corvana Isolierflasche 750 ml, auslaufsicher, salbeigrün",
        fr="Corvana Gourde isotherme 750 ml, vert sauge",
        es="Corvana Botella térmica 750 ml, verde salvia",
        it="Corvana Borraccia termica 750 ml, verde salvia",
        ja="Corvana 保温ボトル 750ml セージグリーン",
    ),
    _p(
        "MAT-YG6",
        "Stillwater",
        3999,
        en="Stillwater Yoga Mat 6 mm, Non-Slip, with Carry Strap",
        de="Stillwater Yogamatte 6 mm, rutschfest, mit Tragegurt",
        fr="Stillwater Tapis de yoga 6 mm antidérapant",
        es="Stillwater Esterilla de yoga 6 mm antideslizante",
        it="Stillwater Tappetino yoga 6 mm antiscivolo",
    ),
    _p(
        "DOG-LSH",
        "Pawline",
        1899,
        en="Pawline Reflective Dog Leash 2 m, Padded Handle",
        de="Pawline Reflektierende Hundeleine 2 m, gepolsterter Griff",
        fr="Pawline Laisse réfléchissante 2 m",
    ),
    _p(
        "SGN-OAK",
        "Timbra",
        4290,
        "custom",
        en="Timbra Engraved Oak Door Sign, Your Family Name",
        de="Timbra Türschild Eiche mit Gravur, Ihr Familienname",
        fr="Timbra Plaque de porte gravée, chêne",
    ),
    _p(
        "HDP-PRO",
        "Sonvale",
        8990,
        en="Sonvale Over-Ear Headphones, Wired, 2.5 m Cable",
        de="Sonvale Over-Ear-Kopfhörer, kabelgebunden, 2,5 m",
        fr="Sonvale Casque filaire, câble 2,5 m",
        ja="Sonvale 有線ヘッドホン 2.5m",
    ),
    _p(
        "GRD-SET",
        "Greenholm",
        3290,
        en="Greenholm Garden Hand Tools, 4-Piece Set, Ash Handles",
        de="Greenholm Gartenwerkzeug, 4-teilig, Eschengriffe",
        fr="Greenholm Outils de jardin, 4 pièces",
    ),
    _p(
        "SCR-RPL",
        "Fixwell",
        1450,
        en="Fixwell Precision Screwdriver Set, 24 Bits, Magnetic",
        de="Fixwell Feinmechaniker-Set, 24 Bits, magnetisch",
        it="Fixwell Set cacciaviti di precisione, 24 punte",
    ),
    _p(
        "CND-SOY",
        "Lumora",
        1990,
        en="Lumora Soy Candle, Cedar & Fig, 45 h Burn Time",
        de="Lumora Sojakerze, Zeder & Feige, 45 Std. Brenndauer",
        fr="Lumora Bougie de soja, cèdre et figue",
    ),
    _p(
        "PAN-28",
        "Halden",
        5990,
        en="Halden Carbon Steel Pan 28 cm, Pre-Seasoned",
        de="Halden Pfanne aus Karbonstahl 28 cm, eingebrannt",
        fr="Halden Poêle en acier carbone 28 cm",
    ),
    _p(
        "BKP-22",
        "Corvana",
        6490,
        en="Corvana Daypack 22 L, Water-Repellent, Laptop Sleeve",
        de="Corvana Tagesrucksack 22 L, wasserabweisend",
        es="Corvana Mochila 22 L, repelente al agua",
    ),
    _p(
        "PUZ-1K",
        "Merrivale",
        1799,
        en="Merrivale 1000-Piece Puzzle: Harbour at Dusk",
        de="Merrivale Puzzle 1000 Teile: Hafen im Abendlicht",
        fr="Merrivale Puzzle 1000 pièces : port au crépuscule",
    ),
    _p(
        "BBY-BLK",
        "Merrivale",
        2299,
        en="Merrivale Wooden Blocks, 40 Pieces, 🌱 Plant-Based Paint",
        de="Merrivale Holzbausteine, 40 Stück, 🌱 pflanzliche Farbe",
    ),
    _p(
        "KEY-STD",
        "Notekey",
        2900,
        "digital",
        en="Notekey Writing Software, 1-Year Licence (Key by Message)",
        de="Notekey Schreibsoftware, 1 Jahr Lizenz (Schlüssel per Nachricht)",
    ),
    _p(
        "TOY-TRN",
        "Merrivale",
        3690,
        en="Merrivale Wooden Train, 12 Parts, from 18 Months",
        de="Merrivale Holzeisenbahn, 12 Teile, ab 18 Monaten",
        it="Merrivale Trenino di legno, 12 pezzi",
    ),
    _p(
        "PLW-MEM",
        "Stillwater",
        4490,
        en="Stillwater Memory Foam Pillow, Washable Cover",
        de="Stillwater Kissen aus Memoryschaum, Bezug waschbar",
        ja="Stillwater 低反発まくら 洗えるカバー",
    ),
    _p(
        "CBL-USB",
        "Sonvale",
        1290,
        en="Sonvale USB-C Cable 2 m, Braided, 2-Pack",
        de="Sonvale USB-C-Kabel 2 m, geflochten, 2er-Pack",
        ja="Sonvale USB-Cケーブル 2m 2本セット",
    ),
)
_ALPHABET = "0123456789ABCDEFGHJKLMNPQRSTUVWXYZ"


def title(product: Product, store: Marketplace) -> str:
    return product.titles.get(store.language[:2], product.titles["en"])


@cache
def asin_of(key: str) -> str:
    number = int.from_bytes(hashlib.sha256(key.encode()).digest()[:6], "big")
    letters = []
    for _ in range(8):
        number, digit = divmod(number, len(_ALPHABET))
        letters.append(_ALPHABET[digit])
    return "B0" + "".join(letters)


def price(product: Product, store: Marketplace) -> int:
    """Minor units of the store's currency, ending as shop prices do."""
    units = product.price / 100 * store.rate
    if not store.decimals:
        return max(100, round(units / 10) * 10)
    return max(99, round(units) * 100 - 1)
