"""Addresses of faults."""

from django.urls import path

from booking.views import faults

urlpatterns = [
    path("faults", faults.fault_list, name="fault_list"),
    path("faults/<uuid:public_id>", faults.fault, name="fault"),
    path("faults/<uuid:public_id>/change", faults.fault_change, name="fault_change"),
    path("faults/<uuid:public_id>/tell", faults.fault_tell, name="fault_tell"),
    path("resources/<uuid:public_id>/faults", faults.resource_faults, name="resource_faults"),
    path("resources/<uuid:public_id>/faults/new", faults.fault_new, name="fault_new"),
]
