"""The pages and their addresses."""

from django.urls import path

from desk.views import capacity, case, doors, held, lists, models, overview, promise, queue, signoff

app_name = "desk"
urlpatterns = [
    path("", doors.home, name="home"),
    path("login", doors.sign_in, name="login"),
    path("logout", doors.sign_out, name="logout"),
    path("language", doors.set_language, name="language"),
    path("preferences/keys", doors.set_keys, name="keys"),
    path("review", queue.queue, name="queue"),
    path("review/start", queue.start, name="start"),
    path("review/<str:ref>", case.case, name="case"),
    path("review/<str:ref>/what-if", case.what_if, name="what_if"),
    path("review/<str:ref>/claim", case.claim, name="claim"),
    path("review/<str:ref>/release", case.release, name="release"),
    path("review/<str:ref>/extend", case.extend, name="extend"),
    path("review/<str:ref>/decide", case.decide, name="decide"),
    path("review/<str:ref>/information", case.information, name="information"),
    path("review/<str:ref>/withdraw", case.withdraw, name="withdraw"),
    path("review/<str:ref>/take-over", case.take_over, name="take_over"),
    path("signoff", signoff.signoff_list, name="signoff_list"),
    path("signoff/<str:ref>", signoff.signoff, name="signoff"),
    path("signoff/<str:ref>/sign", signoff.sign, name="sign"),
    path("held", held.held, name="held"),
    path("held/<str:ref>", held.held_case, name="held_case"),
    path("held/<str:ref>/supply", held.supply, name="supply"),
    path("cases", lists.cases, name="cases"),
    path("imports", lists.imports, name="imports"),
    path("imports/<int:file_id>/rejected.csv", lists.rejected, name="rejected"),
    path("models", models.models, name="models"),
    path("models/<int:version_id>", models.model_card, name="model_card"),
    path("models/<int:version_id>/card.<slug:language>.html", models.card_file, name="card_file"),
    path("capacity", capacity.capacity, name="capacity"),
    path("capacity/duty", capacity.duty, name="duty"),
    path("capacity/absence", capacity.absence, name="absence"),
    path("capacity/end", capacity.back, name="end_absence"),
    path("policies/<int:policy_id>/promise", promise.policy_promise, name="policy_promise"),
    path("overview", overview.overview, name="overview"),
]
