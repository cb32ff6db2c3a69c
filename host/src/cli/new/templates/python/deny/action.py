"""Refuses resets from elsewhere than the flow file allows."""

from flowhost_action import Api, Event


def on_execute(event: Event, api: Api) -> None:
    allowed = event.configuration.parse()["allowed_countries"]
    # An address that nobody can place is in none of them.
    if event.request.geoip.country_code not in allowed:
        api.access.deny("A password cannot be reset from where you are.")
