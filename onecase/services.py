"""The public face of onecase."""

from onecase.models import Case, Procedure

__all__ = ["Case", "Procedure"]
