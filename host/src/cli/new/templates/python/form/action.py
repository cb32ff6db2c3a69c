"""Shows the user a form, and goes on when they agree."""

from flowhost_action import Api, Event


def on_execute(event: Event, api: Api) -> None:
    api.prompt.render("terms", fields={"agreed": "no"}, vars={"version": "2026-01"})


def on_continue(event: Event, api: Api) -> None:
    if event.text_at("/prompt/fields/agreed") != "yes":
        api.access.deny("Without your consent the password stays as it is.")
