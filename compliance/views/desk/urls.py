"""The desk's addresses, below /review/."""

from django.urls import path

from compliance.views.desk import acts, audits, case, figures, home

review_urlpatterns = [
    path("", home.desk, name="desk"),
    path("next/", acts.next_case, name="desk_next"),
    path("cases/", home.list_cases, name="desk_cases"),
    path("cases/<uuid:case>/", case.one_case, name="desk_case"),
    path("cases/<uuid:case>/take/", acts.take, name="desk_take"),
    path("cases/<uuid:case>/renew/", acts.renew, name="desk_renew"),
    path("cases/<uuid:case>/skip/", acts.skip, name="desk_skip"),
    path("cases/<uuid:case>/give-back/", acts.give_back, name="desk_give_back"),
    path("cases/<uuid:case>/decide/", acts.decide, name="desk_decide"),
    path("cases/<uuid:case>/correct/", acts.correct, name="desk_correct"),
    path("cases/<uuid:case>/note/", acts.note, name="desk_note"),
    path("cases/<uuid:case>/known/", audits.make_known, name="desk_make_known"),
    path("notes/<int:note>/retract/", acts.retract_note, name="desk_retract_note"),
    path("verdicts/<uuid:verdict>/undo/", acts.undo, name="desk_undo"),
    path("figures/", figures.figures, name="desk_figures"),
    path("audits/", audits.list_audits, name="desk_audits"),
    path("audits/<int:known>/switch/", audits.switch_known, name="desk_switch_known"),
    path("reasons/", home.list_reasons, name="desk_reasons"),
]
