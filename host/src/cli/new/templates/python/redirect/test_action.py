import unittest

import action
from flowhost_action.testing import Run, send_user_to

VERIFIER = "https://verify.example.com/start"


def run(**more):
    return Run(configuration={"verifier": VERIFIER}, secrets={"TOKEN_KEY": "a key"}, **more)


def denied_with(token):
    report = run(token=token).continue_(action)
    return [name for name, *_ in report.commands] == ["deny"]


class Verify(unittest.TestCase):
    def test_the_user_is_sent_away_with_a_token(self):
        sent = run().execute(action)
        self.assertEqual(sent.commands, [send_user_to(VERIFIER, {"session_token": "test-token-1"})])
        self.assertEqual(sent.tokens, [{"reason": "password reset"}])

    def test_only_the_word_of_the_other_site_lets_the_user_go_on(self):
        self.assertFalse(denied_with({"result": "ok"}))
        self.assertTrue(denied_with({"result": "no"}))
        self.assertTrue(denied_with("it has expired"))
        self.assertTrue(denied_with(None))


if __name__ == "__main__":
    unittest.main()
