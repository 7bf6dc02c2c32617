"""What lenders call products of their own."""

from __future__ import annotations

from django.db import models


class ProductName(models.Model):
    """The name that was told of a product whose short name was made up, as that of 装修贷 is: it follows from the name
    and never has another."""

    NAME_MOST = 100

    product = models.CharField(max_length=50, primary_key=True)
    name = models.CharField(max_length=NAME_MOST)

    class Meta:
        constraints = [models.CheckConstraint(condition=~models.Q(name=""), name="product_name_says_something")]

    def __str__(self) -> str:
        return self.name
