import unittest

import action
from flowhost_action.testing import Run, render


def denied_with(prompt):
    run = Run({"prompt": prompt}).continue_(action)
    return [name for name, *_ in run.commands] == ["deny"]


class AskForConsent(unittest.TestCase):
    def test_the_form_is_shown(self):
        run = Run().execute(action)
        shown = render("terms", fields={"agreed": "no"}, vars={"version": "2026-01"})
        self.assertEqual(run.commands, [shown])

    def test_only_who_agrees_may_go_on(self):
        self.assertFalse(denied_with({"id": "terms", "fields": {"agreed": "yes"}}))
        self.assertTrue(denied_with({"id": "terms", "fields": {"agreed": "no"}}))
        self.assertTrue(denied_with(None))


if __name__ == "__main__":
    unittest.main()
