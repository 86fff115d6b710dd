"""Labitory: a laboratory management system."""

from labitory.celery import app as celery_app

__all__ = ["celery_app"]
