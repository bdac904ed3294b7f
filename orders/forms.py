from django import forms


class ImportForm(forms.Form):
    file = forms.FileField(
        label="The report file",
        help_text="Seller Central: Reports, Fulfilment or Order Reports, “All Orders”. At most 256 MB.",
    )
