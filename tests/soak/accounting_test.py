"""The account of the soak sees what is wrong."""

import copy
import unittest

import accounting

SENT = {"sessions": [
    {"camera": 0, "session": 1, "sent": [100, None], "left_out": [[0, 40, 2]], "garbage": [], "ended": "reset", "started": 1,
     "well_since": 0},
    {"camera": 0, "session": 2, "sent": [50, None], "left_out": [], "garbage": [], "ended": "teardown", "started": 9,
     "well_since": 8.5},
]}
CLIENT = {"cameras": [
    {"camera": 0, "error": "", "stats": {"packets-lost": 2}, "streams": [
        {"pad": "src", "wrong_bytes": 0, "wrong_order": 0, "without_discont": 0, "times_back": 0, "sessions": {
            "1": {"received": 97, "last": 97, "first_at": 1, "missing": [[40, 40]]},
            "2": {"received": 50, "last": 49, "first_at": 9, "missing": []}}}]},
]}


class Laws(unittest.TestCase):
    def settle(self, change=None):
        sent, client = copy.deepcopy(SENT), copy.deepcopy(CLIENT)
        if change:
            change(sent["sessions"], client["cameras"][0])
        return accounting.settle(sent, client)

    def expect_problem(self, change, part):
        problems = self.settle(change).problems
        self.assertTrue(any(part in problem for problem in problems), problems)

    def test_every_frame_is_received_lost_or_cut(self):
        account = self.settle()
        self.assertEqual(account.problems, [])
        self.assertEqual((account.sent, account.received, account.lost, account.cut), (150, 147, 1, 2))
        self.assertEqual(account.recoveries, [0.5])

    def test_a_frame_that_was_sent_whole_must_come(self):
        def miss(_, camera):
            camera["streams"][0]["sessions"]["1"].update(missing=[[40, 41]], received=96)
        self.expect_problem(miss, "frame 41 is missing")

    def test_only_a_cut_connection_loses_its_last_frames(self):
        def close(sessions, _):
            sessions[0]["ended"] = "close"
        self.expect_problem(close, "missing at its end (close)")

    def test_the_element_must_count_what_is_lost(self):
        def uncounted(_, camera):
            camera["stats"]["packets-lost"] = 1
        self.expect_problem(uncounted, "1 packets counted as lost, of 2")

    def test_the_element_must_not_count_more(self):
        def overcounted(_, camera):
            camera["stats"]["packets-lost"] = 3
        self.expect_problem(overcounted, "3 packets counted as lost, and 2 were")

    def test_garbage_explains_only_what_is_near(self):
        def garbage(frame):
            def change(sessions, camera):
                sessions[1]["garbage"] = [[2, None]]
                camera["streams"][0]["sessions"]["2"].update(missing=[[frame, frame]], received=49)
            return change
        sent, near = copy.deepcopy(SENT), copy.deepcopy(CLIENT)
        garbage(3)(sent["sessions"], near["cameras"][0])
        self.assertEqual(accounting.settle(sent, near).problems, [])
        self.expect_problem(garbage(0), "frame 0 is missing")

    def test_what_was_not_sent_must_not_come(self):
        def more(_, camera):
            camera["streams"][0]["sessions"]["2"].update(received=51, last=50)
        self.expect_problem(more, "frame 50 has come, of 50")

    def test_an_error_is_a_problem(self):
        self.expect_problem(lambda _, camera: camera.update(error="gone"), "gone")

    def test_a_client_must_not_leave_by_itself(self):
        self.expect_problem(lambda sessions, _: sessions[0].update(ended="client"), "left by itself")

    def test_disorder_is_a_problem(self):
        for violation in accounting.VIOLATIONS:
            self.expect_problem(lambda _, camera, which=violation: camera["streams"][0].update({which: 1}), violation)


if __name__ == "__main__":
    unittest.main()
