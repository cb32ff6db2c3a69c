"""What authors rely on when they test an action without WebAssembly."""

import importlib
import os
import sys
import tempfile
import types
import unittest

from flowhost_action import ApiError, Factor, Failure, Json, Secret
from flowhost_action._alone import Watch
from flowhost_action.errors import failure_of
from flowhost_action.testing import (
    NOW_MILLIS,
    Run,
    challenge_with,
    challenge_with_any,
    deny,
    render,
    send_user_to,
    set_result_url,
)


def action(on_execute, on_continue=None):
    return types.SimpleNamespace(on_execute=on_execute, on_continue=on_continue)


class Events(unittest.TestCase):
    def test_the_plain_event_is_there_and_changes_are_merged(self):
        def on_execute(event, api):
            api.log.info(f"{event.user.email} {event.user.user_id} {event.client.metadata['plan']}")

        changes = {"user": {"email": "bob@example.com"}, "client": {"metadata": {"plan": "gold"}}}
        run = Run(changes).execute(action(on_execute))
        self.assertEqual(run.logs, [("info", "bob@example.com auth0|ada gold")])

    def test_names_in_camel_case_become_snake_case(self):
        def on_execute(event, api):
            api.log.info(event.request.geoip.country_code)
            api.log.info(event.identities[0].is_social)

        changes = {
            "request": {"geoip": {"countryCode": "CH"}},
            "user": {"identities": [{"isSocial": True}]},
        }
        run = Run(changes).execute(action(on_execute))
        self.assertEqual([message for _, message in run.logs], ["CH", "True"])

    def test_factors_that_could_not_be_fetched_are_none(self):
        seen = []
        Run({"user": {"enrolledFactors": None}}).execute(
            action(lambda event, api: seen.append(event.enrolled_factors))
        )
        Run().execute(action(lambda event, api: seen.append(event.enrolled_factors)))
        self.assertEqual(seen, [None, []])

    def test_groups_that_are_absent_are_none(self):
        seen = []

        def on_execute(event, api):
            seen.extend([event.organization, event.prompt, event.custom_domain])

        Run().execute(action(on_execute))
        self.assertEqual(seen, [None, None, None])

    def test_json_is_text_that_can_be_parsed(self):
        seen = []

        def on_execute(event, api):
            seen.append(event.configuration.parse()["limit"])
            seen.append(event.json_at("/request/query/a~1b"))
            seen.append(event.text_at("/request/query/a~1b"))
            seen.append(event.text_at("/stats/logins_count"))
            seen.append(event.json_at("/nothing"))
            seen.append(event.json_at("") == event.json)
            seen.append(event.text_at("/authentication/methods/0/name"))
            for nowhere in ("request", "request/query", "nothing", "/authentication/methods/00"):
                seen.append(event.json_at(nowhere))

        Run({"request": {"query": {"a/b": "c"}}}, configuration={"limit": 3}).execute(
            action(on_execute)
        )
        self.assertEqual(seen, [3, '"c"', "c", None, None, True, "email"] + [None] * 4)


class Commands(unittest.TestCase):
    def test_they_are_noted_in_call_order(self):
        def on_execute(event, api):
            api.access.deny("no")
            api.authentication.challenge_with("otp", [Factor.phone("sms")])
            api.authentication.challenge_with_any(["otp", Factor.push_notification(True)])
            api.prompt.render("consent", fields={"a": 1})
            api.redirect.send_user_to("https://a.example/", {"x": "1"})
            api.transaction.set_result_url("https://b.example/")

        run = Run().execute(action(on_execute))
        self.assertEqual(
            run.commands,
            [
                deny("no"),
                challenge_with("otp", [Factor.phone("sms")]),
                challenge_with_any(["otp", Factor.push_notification(True)]),
                render("consent", fields={"a": 1}),
                send_user_to("https://a.example/", {"x": "1"}),
                set_result_url("https://b.example/"),
            ],
        )

    def test_a_run_that_fails_asks_for_nothing(self):
        def on_execute(event, api):
            api.authentication.challenge_with("otp")
            raise LookupError("gone")

        run = Run().execute(action(on_execute))
        self.assertEqual(run.commands, [])
        self.assertEqual((run.error.name, run.error.message), ("LookupError", "gone"))
        self.assertRegex(run.error.stack, r"^    at on_execute \(.*test_kit\.py:\d+\)$")

    def test_the_stack_of_a_recursion_without_end_is_short(self):
        def on_execute(event, api):
            on_execute(event, api)

        run = Run().execute(action(on_execute))
        self.assertEqual(run.error.name, "RecursionError")
        self.assertLessEqual(len(run.error.stack.splitlines()), 30)

    def test_a_phone_is_called_by_a_method_that_exists(self):
        with self.assertRaisesRegex(ValueError, "sms, voice or both"):
            Factor.phone("pigeon")


class Tokens(unittest.TestCase):
    def test_a_placeholder_stands_for_a_signed_token(self):
        def on_execute(event, api):
            api.log.info(api.redirect.encode_token("KEY", {"a": 1}))

        run = Run(secrets={"KEY": "k"}).execute(action(on_execute))
        self.assertEqual((run.logs, run.tokens), ([("info", "test-token-1")], [{"a": 1}]))

    def test_an_unknown_secret_is_refused(self):
        run = Run().execute(action(lambda event, api: api.redirect.encode_token("KEY", {})))
        self.assertEqual(run.error.name, "UnknownSecret")

    def test_the_claims_that_a_test_gives_come_back(self):
        def on_continue(event, api):
            api.log.info(api.redirect.validate_token(Secret.value("k")).parse()["result"])

        back = action(None, on_continue)
        self.assertEqual(Run(token={"result": "ok"}).continue_(back).logs, [("info", "ok")])
        self.assertEqual(Run(token="expired").continue_(back).error.name, "TokenInvalid")
        self.assertEqual(Run().continue_(back).error.name, "TokenMissing")

    def test_a_secret_does_not_show_its_value(self):
        self.assertNotIn("hunter2", repr(Secret.value("hunter2")))


class Caches(unittest.TestCase):
    def refused(self, *arguments, **more):
        codes = []

        def on_execute(event, api):
            try:
                api.cache.set(*arguments, **more)
            except ApiError as error:
                codes.append(error.code)

        Run().execute(action(on_execute))
        return codes

    def test_its_bounds_are_those_of_the_contract(self):
        self.assertEqual(self.refused("k" * 65, "v"), ["CacheKeySizeExceeded"])
        self.assertEqual(self.refused("k" * 64, "v" * 4096), [])
        self.assertEqual(self.refused("k", "v" * 4097), ["CacheValueSizeExceeded"])
        self.assertEqual(self.refused("k", "v", ttl=-1), ["InvalidExpiry"])
        self.assertEqual(self.refused("k", "v", expires_at=NOW_MILLIS), ["ItemAlreadyExpired"])

    def test_an_entry_lives_15_minutes(self):
        seen = []

        def on_execute(event, api):
            api.cache.set("k", "v")
            seen.append(api.cache.get("k").expires_at - NOW_MILLIS)

        run = Run().execute(action(on_execute))
        self.assertEqual((seen, run.cached), ([900_000], {"k": "v"}))


class Failures(unittest.TestCase):
    def test_an_error_is_named_by_its_class_and_a_refusal_by_its_code(self):
        self.assertEqual(failure_of(KeyError("a")).name, "KeyError")
        self.assertEqual(failure_of(ApiError("InvalidUrl", "no scheme")).name, "InvalidUrl")
        own = failure_of(Failure("MissingEmail", "no email", "here"))
        self.assertEqual((own.name, own.message, own.stack), ("MissingEmail", "no email", "here"))

    def test_json_keeps_its_spelling(self):
        self.assertEqual(Json.of(Json('{"a": 1.0}')), '{"a": 1.0}')
        self.assertEqual(Json.of({"a": [1, "ü"]}), '{"a":[1,"ü"]}')


class Alone(unittest.TestCase):
    """What is kept of a build, and what is not: see _alone.py."""

    def alone(self, text, elsewhere=None):
        """Whether a module with this text is, with these files in another folder."""
        # As in a component, where nothing else has been imported.
        before = sys.modules.copy(), list(sys.path)
        with tempfile.TemporaryDirectory() as own, tempfile.TemporaryDirectory() as other:
            for folder, files in ((own, {"probe.py": text, "near.py": ""}), (other, elsewhere or {})):
                for name, inside in files.items():
                    os.makedirs(os.path.dirname(os.path.join(folder, name)), exist_ok=True)
                    with open(os.path.join(folder, name), "w") as file:
                        file.write(inside)
            library = os.path.dirname(os.__file__)
            for name, module in before[0].items():
                if not (getattr(module, "__file__", None) or library).startswith(library):
                    del sys.modules[name]
            for name in ("pkgutil", "importlib.metadata"):
                sys.modules.pop(name, None)
            sys.path[:0] = [own, other]
            importlib.invalidate_caches()
            try:
                watch = Watch()
                importlib.import_module("probe")
                return watch.alone([own])
            finally:
                sys.modules.clear()
                sys.modules.update(before[0])
                sys.path[:] = before[1]

    def test_who_imports_its_neighbours_and_pythons_library_is_alone(self):
        self.assertTrue(self.alone("import near, json, datetime"))

    def test_who_imports_from_elsewhere_or_would_have_is_not(self):
        optional = "try:\n    import absent_package\nexcept ImportError:\n    pass\n"
        self.assertFalse(self.alone(optional))
        self.assertFalse(self.alone("import far", {"far.py": ""}))
        self.assertFalse(self.alone("import wide.inner", {"wide/inner.py": ""}))
        self.assertFalse(self.alone("import wide", {"wide/inner.py": ""}))
        self.assertFalse(self.alone("import importlib.metadata"))


if __name__ == "__main__":
    unittest.main()
