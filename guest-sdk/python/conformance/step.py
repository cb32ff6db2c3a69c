"""A place in the configuration, and the arguments that stand there."""

from flowhost_action import Json


class Step:
    def __init__(self, event, place):
        self.event = event
        self.place = place  # A JSON Pointer.

    def is_there(self):
        return self.event.json_at(self.place) is not None

    def text(self, name):
        return self.event.text_at(f"{self.place}/{name}")

    def required(self, name):
        """A text that every step of its kind has."""
        text = self.text(name)
        if text is None:
            raise LookupError(f"{self.place}: no `{name}`")
        return text

    def plain(self, name):
        """A number, true or false."""
        text = self.event.json_at(f"{self.place}/{name}")
        return None if text is None else text.parse()

    def json(self, name):
        """JSON, or what stands for it as text."""
        text = self.text(f"{name}-text")
        return Json(text) if text is not None else self.event.json_at(f"{self.place}/{name}")

    def part(self, name):
        return Step(self.event, f"{self.place}/{name}")

    def all(self):
        """The entries, if this is a list."""
        index = 0
        while (entry := self.part(index)).is_there():
            yield entry
            index += 1

    def pairs(self, name):
        return [(pair.required("0"), pair.required("1")) for pair in self.part(name).all()]
