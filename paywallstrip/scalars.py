"""Single numbers as numpy takes them fastest: arrays without axes, made once.

Beside an array, a number of Python's or a scalar of numpy's is turned into such an array at
every call, which takes as long as the calculation itself where the array has a few dozen
elements. The result is the same.
"""

from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

Number = TypeVar("Number", bound=np.generic)


def scalar(value: int, kind: type[Number]) -> NDArray[Number]:
    """Return a number as an array without axes that cannot be written to.

    Args:
        value: the number.
        kind: its type, which takes part in a calculation as that of an array does.

    >>> np.arange(3) + scalar(1, np.int64)
    array([1, 2, 3])
    """
    found: NDArray[Any] = np.array(value, kind)
    found.flags.writeable = False
    return found


ONE, TWO, HUNDRED = (scalar(value, np.int64) for value in (1, 2, 100))
BYTE_ONE = scalar(1, np.uint8)
