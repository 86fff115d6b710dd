"""The programming interface: JSON only, deny by default, one envelope."""

from datetime import timedelta

from labitory.lib.api.problems import PROBLEM_SCHEMAS

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "rest_framework_simplejwt.authentication.JWTAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["labitory.lib.api.envelope.EnvelopeRenderer"],
    "DEFAULT_PARSER_CLASSES": ["labitory.lib.api.parsers.StrictJSONParser"],
    "DEFAULT_PAGINATION_CLASS": "labitory.lib.api.paging.Pages",
    "DEFAULT_SCHEMA_CLASS": "labitory.lib.api.schema.EnvelopeSchema",
    "DEFAULT_THROTTLE_CLASSES": ["labitory.lib.api.throttling.AccountThrottle"],
    "EXCEPTION_HANDLER": "labitory.lib.api.errors.handle_exception",
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
SIMPLE_JWT = {
    "ACCESS_TOKEN_LIFETIME": timedelta(minutes=30),
    "REFRESH_TOKEN_LIFETIME": timedelta(days=7),
    "USER_ID_FIELD": "public_id",
    "USER_ID_CLAIM": "sub",
    # A new password ends every token that was given under the old one.
    "CHECK_REVOKE_TOKEN": True,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Labitory API",
    "DESCRIPTION": (
        "Book shared laboratory instruments. Every answer is an envelope of data, meta and "
        "errors; every refusal carries its rule code, the limit and legal alternatives."
    ),
    "VERSION": "1.0.0",
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "COMPONENT_SPLIT_REQUEST": True,
    "APPEND_COMPONENTS": {"schemas": PROBLEM_SCHEMAS},
    "ENUM_NAME_OVERRIDES": {
        "AccessLevelEnum": "booking.enums.AccessLevel",
        "AssessmentKindEnum": "booking.enums.AssessmentKind",
        "AssessmentStateEnum": "booking.enums.AssessmentState",
        "BookingStatusEnum": "booking.enums.Status",
        "DeliveryStatusEnum": "booking.enums.DeliveryStatus",
        "RoleEnum": "accounts.enums.Role",
        "CourseKindEnum": "booking.enums.CourseKind",
        "DisplayKindEnum": "booking.enums.WallKind",
        "EndpointKindEnum": "booking.enums.EndpointKind",
        "EntryKindEnum": ["booking", "linked", "hold", "maintenance", "closure"],
        "FaultFilterEnum": ["open", "in_progress", "waiting", "resolved", "late", "all"],
        "FaultStateEnum": "booking.enums.FaultState",
        "FeedScopeEnum": "booking.enums.FeedScope",
        "MaintenanceKindEnum": "booking.enums.MaintenanceKind",
        "SeriesScopeEnum": ["this_and_following", "all"],
        "TrialStateEnum": "booking.enums.TrialState",
        "OfferKindEnum": "booking.enums.OfferKind",
        "OfferStateEnum": "booking.enums.OfferState",
        "PlaceStateEnum": "booking.enums.SeatState",
        "RequestStateEnum": "booking.enums.RequestState",
        "TrainingStateEnum": "booking.enums.TrainingState",
        "QuestionKindEnum": "booking.enums.QuestionKind",
        "RiskLevelEnum": "booking.enums.RiskLevel",
        "RepairKindEnum": ["earlier", "later", "shorter", "other_resource"],
        "WaitingKindEnum": "booking.enums.WaitingKind",
        "WaitingStateEnum": "booking.enums.WaitingState",
    },
}
