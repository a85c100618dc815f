"""The outside identity provider, where the installation has one."""

from django import template

from org.oidc import config

register = template.Library()


@register.simple_tag
def identity_provider() -> config.Provider | None:
    return config.provider()


@register.simple_tag
def identity_provider_id() -> str:
    return config.PROVIDER_ID
