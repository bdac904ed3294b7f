"""A neutral request for an opinion in each language the rules read: what may stand in place of one that asks for praise.

Given to buyers as it is, so each is a text of ours like any other: the tests hold them to every rule."""

REVIEW = {
    "en": "If you have a moment, you can write a product review on Amazon, positive or critical.",
    "de": "Wenn Sie einen Moment Zeit haben, können Sie auf Amazon eine Produktbewertung schreiben, positiv oder kritisch.",
    "fr": "Si vous avez un moment, vous pouvez rédiger un commentaire client sur Amazon, positif ou critique.",
    "es": "Si tiene un momento, puede escribir una opinión del producto en Amazon, positiva o crítica.",
    "it": "Se ha un momento, può scrivere una recensione del prodotto su Amazon, positiva o critica.",
    "nl": "Als u even tijd hebt, kunt u op Amazon een productreview schrijven, positief of kritisch.",
    "pl": "W wolnej chwili można napisać na Amazon recenzję produktu, pozytywną lub krytyczną.",
    "pt": "Se tiver um momento, você pode escrever uma avaliação do produto na Amazon, positiva ou crítica.",
    "sv": "Om du har en stund över kan du skriva en produktrecension på Amazon, positiv eller kritisk.",
    "ja": "お時間がございましたら、Amazonで商品レビューをお書きいただけます。",
    "tr": "Vaktiniz olursa Amazon'da olumlu ya da eleştirel bir ürün yorumu yazabilirsiniz.",
}
FEEDBACK = {
    "en": "If you have a moment, you can leave seller feedback on Amazon, positive or critical.",
    "de": "Wenn Sie einen Moment Zeit haben, können Sie uns auf Amazon als Verkäufer bewerten, positiv oder kritisch.",
    "fr": "Si vous avez un moment, vous pouvez évaluer le vendeur sur Amazon, de façon positive ou critique.",
    "es": "Si tiene un momento, puede dejar una valoración del vendedor en Amazon, positiva o crítica.",
    "it": "Se ha un momento, può lasciare un feedback sul venditore su Amazon, positivo o critico.",
    "nl": "Als u even tijd hebt, kunt u op Amazon verkopersfeedback achterlaten, positief of kritisch.",
    "pl": "W wolnej chwili można wystawić na Amazon opinię o sprzedawcy, pozytywną lub krytyczną.",
    "pt": "Se tiver um momento, você pode avaliar o vendedor na Amazon, de forma positiva ou crítica.",
    "sv": "Om du har en stund över kan du lämna säljaromdöme på Amazon, positivt eller kritiskt.",
    "ja": "お時間がございましたら、Amazonで出品者の評価をご記入いただけます。",
    "tr": "Vaktiniz olursa Amazon'da satıcı için olumlu ya da eleştirel bir geri bildirim bırakabilirsiniz.",
}
ORDER = {
    "en": "Order {}", "de": "Bestellung {}", "fr": "Commande {}", "es": "Pedido {}", "it": "Ordine {}",
    "nl": "Bestelling {}", "pl": "Zamówienie {}", "pt": "Pedido {}", "sv": "Beställning {}", "ja": "ご注文番号 {}",
    "tr": "Sipariş {}",
}  # fmt: skip
"""A line that names the order."""
