"""Second factors: one's own, the second step of a login, and what sysadmins decide."""

from django.urls import path

from accounts.views import factor_resets, factor_rules, factors, field_keys, second_step

urlpatterns = [
    path("factors", factors.factor_list, name="factor_list"),
    path("factors/apps/new", factors.app_new, name="factor_app_new"),
    path("factors/apps/<uuid:public_id>", factors.app_confirm, name="factor_app_confirm"),
    path("factors/passkeys/new", factors.passkey_new, name="factor_passkey_new"),
    path(
        "factors/passkeys/new/options",
        factors.passkey_new_options,
        name="factor_passkey_new_options",
    ),
    path("factors/codes/new", factors.codes_new, name="factor_codes_new"),
    path("factors/<uuid:public_id>", factors.device_edit, name="factor_device"),
    path("factors/<uuid:public_id>/remove", factors.device_remove, name="factor_device_remove"),
    path(
        "factors/browsers/<uuid:public_id>/forget",
        factors.browser_forget,
        name="factor_browser_forget",
    ),
    path("factors/reset/<uuid:public_id>/refuse", factors.reset_refuse, name="factor_reset_refuse"),
    path("login/factor", second_step.factor_ask, name="factor_ask"),
    path("login/passkey", second_step.passkey_login, name="passkey_login"),
    path("login/passkey/options", second_step.passkey_options, name="passkey_options"),
    path("security/factors", factor_rules.rule_list, name="security_factors"),
    path("security/factors/set", factor_rules.rule_set, name="security_factor_set"),
    path("security/factors/<str:role>/lift", factor_rules.rule_lift, name="security_factor_lift"),
    path("security/keys", field_keys.key_list, name="security_keys"),
    path("security/keys/rotate", field_keys.key_rotate, name="security_keys_rotate"),
    path("security/resets", factor_resets.reset_list, name="security_resets"),
    path(
        "security/resets/<uuid:public_id>/agree",
        factor_resets.reset_agree,
        name="security_reset_agree",
    ),
    path(
        "security/resets/<uuid:public_id>/withdraw",
        factor_resets.reset_withdraw,
        name="security_reset_withdraw",
    ),
]
