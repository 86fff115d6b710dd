"""Research groups, requests to join them, and their projects."""

from django.urls import path

from accounts.views import groups, projects

urlpatterns = [
    path("groups", groups.group_mine, name="group_mine"),
    path("groups/new", groups.group_new, name="group_new"),
    path("groups/<uuid:public_id>", groups.group_detail, name="group_detail"),
    path("groups/<uuid:public_id>/edit", groups.group_edit, name="group_edit"),
    path("groups/<uuid:public_id>/close", groups.group_close, name="group_close"),
    path("groups/<uuid:public_id>/members/add", groups.member_add, name="member_add"),
    path("groups/<uuid:public_id>/members/remove", groups.member_remove, name="member_remove"),
    path("groups/<uuid:public_id>/members/manager", groups.manager_set, name="manager_set"),
    path("groups/<uuid:public_id>/leave", groups.group_leave, name="group_leave"),
    path("groups/<uuid:public_id>/join", groups.group_join, name="group_join"),
    path("groups/requests/<uuid:public_id>/accept", groups.request_accept, name="request_accept"),
    path(
        "groups/requests/<uuid:public_id>/decline", groups.request_decline, name="request_decline"
    ),
    path(
        "groups/requests/<uuid:public_id>/withdraw",
        groups.request_withdraw,
        name="request_withdraw",
    ),
    path("groups/<uuid:public_id>/projects/new", projects.project_new, name="project_new"),
    path("projects/<uuid:public_id>/edit", projects.project_edit, name="project_edit"),
    path("projects/<uuid:public_id>/close", projects.project_close, name="project_close"),
    path(
        "projects/<uuid:public_id>/members/add",
        projects.project_member_add,
        name="project_member_add",
    ),
    path(
        "projects/<uuid:public_id>/members/remove",
        projects.project_member_remove,
        name="project_member_remove",
    ),
]
