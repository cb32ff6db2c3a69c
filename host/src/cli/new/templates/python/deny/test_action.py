import unittest

import action
from flowhost_action.testing import Run


def denied_from(geoip):
    configuration = {"allowed_countries": ["CH", "LI"]}
    run = Run({"request": {"geoip": geoip}}, configuration=configuration).execute(action)
    return [name for name, *_ in run.commands] == ["deny"]


class DenyElsewhere(unittest.TestCase):
    def test_only_who_is_in_an_allowed_country_may_go_on(self):
        self.assertFalse(denied_from({"countryCode": "LI"}))
        self.assertTrue(denied_from({"countryCode": "US"}))
        self.assertTrue(denied_from({}))


if __name__ == "__main__":
    unittest.main()
