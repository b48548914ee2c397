"""Addresses of the main job."""

from django.urls import path

from . import copies, home, leaks, ledger, orders, register, reviews

urlpatterns = [
    path("", home.home, name="home"),
    path("register", register.files, name="register"),
    path("register/begin", register.begin, name="register-begin"),
    path("register/run/<int:pk>", register.run, name="register-run"),
    path("register/<str:code>", register.file, name="register-file"),
    path("register/<str:code>/marks/<int:version>", register.marks, name="register-marks"),
    path("issue", orders.orders, name="issue"),
    path("issue/new/<str:code>", orders.new, name="issue-new"),
    path("issue/ask", orders.ask, name="issue-ask"),
    path("issue/order/<int:pk>", orders.order, name="issue-order"),
    path("issue/order/<int:pk>/decide", orders.decide, name="issue-decide"),
    path("issue/copies", copies.copies, name="issue-copies"),
    path("issue/copy/<str:copy>", copies.copy, name="issue-copy"),
    path("issue/copy/<str:copy>/take", copies.take, name="issue-take"),
    path("trace", leaks.start, name="trace"),
    path("trace/begin", leaks.begin, name="trace-begin"),
    path("trace/run/<int:pk>", leaks.run, name="trace-run"),
    path("trace/batch/<str:batch>", leaks.batch, name="trace-batch"),
    path("trace/<str:trace>", leaks.show, name="trace-answer"),
    path("trace/<str:trace>/ask", reviews.ask, name="trace-ask"),
    path("trace/<str:trace>/review", reviews.review, name="trace-review"),
    path("trace/<str:trace>/evidence", leaks.evidence, name="trace-evidence"),
    path("trace/<str:trace>/report.pdf", leaks.report, name="trace-report"),
    path(
        "trace/<str:trace>/picture/<int:weighing>/<int:number>/<str:what>",
        leaks.picture,
        name="trace-picture",
    ),
    path("ledger", ledger.ledger, name="ledger"),
    path("ledger/checkpoint", ledger.checkpoint, name="ledger-checkpoint"),
    path("ledger/seal", ledger.seal, name="ledger-seal"),
    path("ledger/check", ledger.check, name="ledger-check"),
    path("ledger/checkpoint.txt", ledger.checkpoint_file, name="ledger-checkpoint-file"),
    path("ledger/head.json", ledger.head_json, name="ledger-head"),
    path("ledger/consistency.json", ledger.consistency_json, name="ledger-consistency"),
    path("ledger/verifier.html", leaks.verifier, name="ledger-verifier"),
    path("ledger/<int:index>", ledger.entry, name="ledger-entry"),
    path("ledger/<int:index>/proof.json", ledger.proof_json, name="ledger-proof"),
    path("ledger/<int:index>/<str:what>", ledger.proof_file, name="ledger-proof-file"),
]
