"""Words the sandbox uses where Amazon writes for itself. They are ours; only the sense is Amazon's."""

# ruff: noqa: E501 - a sentence or a title stands in one line
from __future__ import annotations

REQUEST = {
    "en": (
        "{shop}: how was your purchase?",
        "Hello {name},\n\nYou bought {title} from {shop}. Would you rate the product and the seller?\n\nThank you, your store",
    ),
    "de": (
        "{shop}: Wie war Ihr Einkauf?",
        "Guten Tag {name},\n\nSie haben {title} bei {shop} gekauft. Möchten Sie das Produkt und den Verkäufer bewerten?\n\nVielen Dank, Ihr Shop",
    ),
    "fr": (
        "{shop} : comment s'est passé votre achat ?",
        "Bonjour {name},\n\nVous avez acheté {title} chez {shop}. Souhaitez-vous évaluer le produit et le vendeur ?\n\nMerci",
    ),
    "es": (
        "{shop}: ¿qué tal su compra?",
        "Hola {name}:\n\nHa comprado {title} a {shop}. ¿Quiere valorar el producto y al vendedor?\n\nGracias",
    ),
    "it": (
        "{shop}: com'è andato il suo acquisto?",
        "Buongiorno {name},\n\nha acquistato {title} da {shop}. Vuole valutare il prodotto e il venditore?\n\nGrazie",
    ),
    "ja": (
        "{shop}: ご購入はいかがでしたか",
        "{name} 様\n\n{shop} から {title} をご購入いただきました。商品と出品者の評価をお願いできますか。",
    ),
}
SUBJECTS = {
    "en": "A message from the seller about your order {order}",
    "de": "Eine Nachricht des Verkäufers zu Ihrer Bestellung {order}",
    "fr": "Un message du vendeur concernant votre commande {order}",
    "es": "Un mensaje del vendedor sobre su pedido {order}",
    "it": "Un messaggio del venditore sul suo ordine {order}",
    "ja": "ご注文 {order} について出品者からのメッセージ",
}
# The English sentence is the one sellers quote; the others say the same.
BOUNCE = {
    "en": "We were unable to deliver the message you sent for order {order} because the buyer has chosen to opt out of receiving unsolicited messages from sellers.",
    "de": "Wir konnten Ihre Nachricht zur Bestellung {order} nicht zustellen, weil der Käufer keine unaufgeforderten Nachrichten von Verkäufern erhalten möchte.",
    "fr": "Nous n'avons pas pu remettre le message que vous avez envoyé pour la commande {order}, car l'acheteur a choisi de ne pas recevoir de messages non sollicités de la part des vendeurs.",
    "es": "No hemos podido entregar el mensaje que envió sobre el pedido {order} porque el comprador ha elegido no recibir mensajes no solicitados de los vendedores.",
    "it": "Non è stato possibile consegnare il messaggio inviato per l'ordine {order} perché l'acquirente ha scelto di non ricevere messaggi non richiesti dai venditori.",
    "ja": "購入者が出品者からの一方的なメッセージを受け取らない設定にしているため、注文 {order} に関するメッセージを配信できませんでした。",
    "nl": "We konden uw bericht over bestelling {order} niet bezorgen omdat de koper geen ongevraagde berichten van verkopers wil ontvangen.",
    "sv": "Vi kunde inte leverera ditt meddelande om beställning {order} eftersom köparen har valt att inte ta emot oönskade meddelanden från säljare.",
    "pl": "Nie mogliśmy dostarczyć wiadomości dotyczącej zamówienia {order}, ponieważ kupujący zrezygnował z otrzymywania niezamówionych wiadomości od sprzedawców.",
    "pt": "Não foi possível entregar a mensagem que você enviou sobre o pedido {order} porque o comprador optou por não receber mensagens não solicitadas de vendedores.",
}
BOUNCE_SUBJECT = {
    "en": "Your message about order {order} was not delivered",
    "de": "Ihre Nachricht zur Bestellung {order} wurde nicht zugestellt",
    "fr": "Votre message concernant la commande {order} n'a pas été remis",
    "es": "Su mensaje sobre el pedido {order} no se ha entregado",
    "it": "Il suo messaggio sull'ordine {order} non è stato consegnato",
    "ja": "注文 {order} に関するメッセージは配信されませんでした",
}


def review_request(language: str, name: str, shop: str, title: str) -> tuple[str, str]:
    subject, text = REQUEST.get(language, REQUEST["en"])
    return subject.format(shop=shop), text.format(name=name, shop=shop, title=title)


def message_subject(language: str, kind: str, order: str) -> str:
    return SUBJECTS.get(language, SUBJECTS["en"]).format(order=order)


def bounce(language: str, order: str) -> tuple[str, str]:
    """Subject and text of the notice a seller gets: Amazon's English sentence, and the marketplace's language."""
    subject = BOUNCE_SUBJECT.get(language, BOUNCE_SUBJECT["en"]).format(order=order)
    english = BOUNCE["en"].format(order=order)
    local = BOUNCE.get(language, BOUNCE["en"]).format(order=order)
    return subject, english if local == english else f"{local}\n\n{english}"
