"""What is made of an object once, when it is first asked for, and without a lock.

`functools.cached_property` of Python 3.11 holds a lock, one for all objects of a class: a
worker that is forked while any thread makes a value finds it held, and would wait for ever.
"""

from collections.abc import Callable
from typing import Any, Generic, Self, TypeVar, overload

Made = TypeVar("Made")


class made_once(Generic[Made]):  # noqa: N801 - a decorator, as `property` is
    """Turns a method without arguments into an attribute that is made when first asked for.

    Two threads may make it at once, and are given the same one.

    Args:
        make: the method; what it returns must depend on the object alone.
    """

    def __init__(self, make: Callable[[Any], Made]) -> None:
        self.make = make
        self.__doc__ = make.__doc__

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    @overload
    def __get__(self, instance: None, owner: type) -> Self: ...

    @overload
    def __get__(self, instance: object, owner: type) -> Made: ...

    def __get__(self, instance: object | None, owner: type) -> Self | Made:
        if instance is None:
            return self
        # From now on the attribute is found there, and this is not called again.
        made: Made = instance.__dict__.setdefault(self.name, self.make(instance))
        return made
