"""Words about sign-in for templates."""

from django import template

from org import devices

register = template.Library()
register.filter("device", devices.device)
