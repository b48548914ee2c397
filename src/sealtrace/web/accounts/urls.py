"""Addresses of signing in, of one's own account, and of the list of operators."""

from django.urls import path

from . import account, operators, programs, provider, views

urlpatterns = [
    path("sign-in", views.sign_in, name="sign-in"),
    path("sign-in/passkey/options", views.passkey_options, name="sign-in-options"),
    path("sign-in/passkey", views.passkey, name="sign-in-passkey"),
    path("sign-in/provider", provider.begin, name="sign-in-provider"),
    path("sign-in/provider/back", provider.back, name="sign-in-provider-back"),
    path("enrol/<str:token>", views.enrol, name="enrol"),
    path("sign-out", views.sign_out, name="sign-out"),
    path("confirm", views.confirm, name="confirm"),
    path("confirm/options", views.confirm_options, name="confirm-options"),
    path("confirm/passkey", views.confirm_passkey, name="confirm-passkey"),
    path("account", account.show, name="account"),
    path("account/set-up", account.set_up, name="account-set-up"),
    path("account/passkeys/options", account.passkey_options, name="account-passkey-options"),
    path("account/passkeys", account.make_passkey, name="account-passkeys"),
    path("account/passkeys/<int:number>/remove", account.remove_passkey, name="account-passkey-remove"),
    path("account/sessions/<int:number>/end", account.end_session, name="account-session-end"),
    path("account/sessions/end-others", account.end_others, name="account-sessions-end"),
    path("account/devices/<str:code>/revoke", account.revoke_device, name="account-device-revoke"),
    path("account/code", account.code, name="account-code"),
    path("account/tokens", programs.show, name="account-tokens"),
    path("account/tokens/make", programs.make, name="account-token-make"),
    path("account/tokens/<str:key>/revoke", programs.revoke, name="account-token-revoke"),
    path("account/provider", provider.link, name="account-provider"),
    path("operators", operators.listed, name="operators"),
    path("operators/add", operators.add, name="operators-add"),
    path("operators/<str:code>", operators.show, name="operators-show"),
    path("operators/<str:code>/invite", operators.invite, name="operators-invite"),
    path("operators/<str:code>/role", operators.grant, name="operators-grant"),
    path("operators/<str:code>/role/end", operators.end, name="operators-end"),
    path("operators/<str:code>/clearance", operators.clear, name="operators-clear"),
    path("operators/<str:code>/switch", operators.switch, name="operators-switch"),
    path("operators/<str:code>/devices/<str:device>/revoke", operators.revoke, name="operators-revoke"),
]
