"""Every place that exists gets its account, with a trial from today."""

from datetime import timedelta

from django.db import migrations
from django.utils import timezone


def open_accounts(apps, schema_editor):
    if schema_editor.connection.schema_name != "public":
        return
    account, row = (apps.get_model("accounts", name) for name in ("BillingAccount", "SellerEntitlement"))
    now = timezone.now()
    ends_at = now + timedelta(days=30)
    for agency in apps.get_model("accounts", "Agency").objects.filter(billing=None):
        account.objects.create(agency=agency, trial_ends_at=ends_at)
    for seller in apps.get_model("accounts", "Seller").objects.filter(billing=None):
        own = account.objects.create(seller=seller, trial_ends_at=ends_at)
        payer = seller.agency.billing if seller.agency_id else own
        row.objects.create(
            seller=seller, payer=payer, standing="trial", why="own_trial", changes_at=ends_at, computed_at=now
        )


class Migration(migrations.Migration):
    dependencies = [("accounts", "0002_billing")]
    operations = [migrations.RunPython(open_accounts, migrations.RunPython.noop)]
