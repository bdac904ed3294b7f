"""campaigns' addresses, all within a seller."""

from django.urls import path, register_converter
from django.urls.converters import StringConverter

from campaigns.views import appeals, campaigns, files, home, messages, orders, texts, trouble, writing


class OrderNumber(StringConverter):
    """Amazon's order numbers and what looks like one: anything else is no address of ours."""

    regex = "[0-9A-Za-z-]{1,40}"


register_converter(OrderNumber, "order_number")

seller_urlpatterns = [
    path("", home.overview, name="home"),
    path("orders/", orders.list_orders, name="orders"),
    path("orders/<order_number:order>/", orders.one_order, name="order"),
    path("orders/<order_number:order>/write/", writing.write_message, name="message_new"),
    path("orders/<order_number:order>/suppress/", writing.suppress_order, name="order_suppress"),
    path("campaigns/", campaigns.list_campaigns, name="campaigns"),
    path("campaigns/new/", campaigns.new_campaign, name="campaign_new"),
    path("campaigns/<uuid:campaign>/", campaigns.one_campaign, name="campaign"),
    path("campaigns/<uuid:campaign>/edit/", campaigns.edit_campaign, name="campaign_edit"),
    path("campaigns/<uuid:campaign>/stand-in/", trouble.stand_in, name="campaign_stand_in"),
    path("campaigns/<uuid:campaign>/appeal/", appeals.appeal_targeting, name="campaign_appeal"),
    path("campaigns/<uuid:campaign>/<slug:move>/", campaigns.move_campaign, name="campaign_move"),
    path("texts/", texts.list_texts, name="templates"),
    path("texts/new/", texts.new_text, name="template_new"),
    path("texts/<uuid:text>/", texts.edit_text, name="template_edit"),
    path("texts/<uuid:text>/check/", texts.check_text, name="template_check"),
    path("texts/<uuid:text>/submit/", texts.submit_text, name="template_submit"),
    path("texts/<uuid:text>/withdraw/", texts.withdraw_text, name="template_withdraw"),
    path("texts/<uuid:text>/resume/", trouble.resume_text, name="template_resume"),
    path("texts/<uuid:text>/mend/", appeals.mend_text, name="template_mend"),
    path("texts/<uuid:text>/appeal/", appeals.appeal_text, name="template_appeal"),
    path("texts/<uuid:text>/files/", texts.attach_file, name="template_attach"),
    path("texts/<uuid:text>/files/<int:file>/", files.download_file, name="template_file"),
    path("texts/<uuid:text>/files/<int:file>/remove/", texts.detach_file, name="template_detach"),
    path("restriction/", trouble.restrict, name="restriction"),
    path("messages/", messages.list_messages, name="messages"),
    path("messages/<uuid:message>/", messages.one_message, name="message"),
    path("messages/<uuid:message>/appeal/", appeals.appeal_message, name="message_appeal"),
    path("messages/<uuid:message>/<slug:move>/", messages.move_message, name="message_move"),
    path("do-not-write/", writing.suppressions, name="suppressions"),
    path("do-not-write/<int:suppression>/remove/", writing.lift_suppression, name="suppression_remove"),
]
