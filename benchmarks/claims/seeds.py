"""The seeds of the page: fresh ones, for settings were chosen on others."""

FIRST = 1000  # settings were chosen on seeds below, and on validation data


def chosen_seeds(quick, asked, default):
    """The seeds of a section: as many as asked for, else one in the quick run, else its default."""
    return range(FIRST, FIRST + (asked or (1 if quick else default)))
