import unittest

import action
from flowhost_action.testing import Run, challenge_with


class RequireMfa(unittest.TestCase):
    def test_a_security_key_comes_first(self):
        run = Run().execute(action)
        self.assertEqual(run.commands, [challenge_with("webauthn-roaming", ["otp", "email"])])


if __name__ == "__main__":
    unittest.main()
