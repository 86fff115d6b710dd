"""Addresses of the lab manager's first page, types, pools and demand, and of About."""

from django.urls import path

from booking.views import demand, pages, pools, types

urlpatterns = [
    path("manage", pages.manage_home, name="manage_home"),
    path("manage/closed", pages.closed_list, name="closed_list"),
    path("manage/types", types.type_list, name="type_list"),
    path("manage/types/new", types.type_new, name="type_new"),
    path("manage/types/<uuid:public_id>/edit", types.type_edit, name="type_edit"),
    path("manage/pools", pools.pool_list, name="pool_list"),
    path("manage/pools/new", pools.pool_new, name="pool_new"),
    path("manage/pools/<uuid:public_id>/edit", pools.pool_edit, name="pool_edit"),
    path("manage/pools/<uuid:public_id>/delete", pools.pool_delete, name="pool_delete"),
    path("manage/demand", demand.demand, name="demand"),
    path("about", pages.about, name="about"),
]
