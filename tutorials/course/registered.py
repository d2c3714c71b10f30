"""The name of a class in Keras' registry, which a wrong answer of the same name takes from the right one."""

from collections.abc import Callable

import keras

PACKAGE = "my_project"  # of the classes that the learner writes


def give_back(right: type) -> None:
    """Registers the right class under its name again."""
    keras.saving.register_keras_serializable(package=PACKAGE)(right)


def giving_back(judge: Callable, right: type) -> Callable:
    """The judge, after which a wrong answer has not kept the name; an answer that raises is wrong, too."""

    def judged(answer):
        message = "It raises."
        try:
            message = judge(answer)
        finally:
            if message is not None:
                give_back(right)
        return message

    return judged
