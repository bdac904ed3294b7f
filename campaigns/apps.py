from django.apps import AppConfig


class CampaignsConfig(AppConfig):
    name = "campaigns"
    verbose_name = "Campaigns"

    def ready(self) -> None:
        from campaigns import checks  # noqa: F401 (registers itself)
        from campaigns.tasks import billing, planning, rescan, review, sending  # models are loaded only now

        for module in (billing, planning, rescan, review, sending):
            module.register_kinds()
