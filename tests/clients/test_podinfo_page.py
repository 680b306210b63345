"""podinfo's page as people see it: in a browser, while a release goes on, with nothing fetched from elsewhere."""
import json
import os
import unittest

from browser import Browser
from harness import wait_until
from podinfo_process import Podinfo

LOGO = "data:image/svg+xml;utf8,%3Csvg xmlns='http://www.w3.org/2000/svg' width='40' height='40'/%3E"


class PageTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.browser = Browser()
        cls.addClassCleanup(cls.browser.close)

    def podinfo(self, *flags):
        podinfo = Podinfo("--level=debug", f"--ui-logo={LOGO}", *flags)
        self.addCleanup(podinfo.stop)
        return podinfo

    def keep_picture(self, name):
        """For whoever wants to look: the folder is named by PDS_PICTURES."""
        if directory := os.environ.get("PDS_PICTURES"):
            with open(os.path.join(directory, name + ".png"), "wb") as file:
                file.write(self.browser.picture())

    def test_it_shows_what_runs_and_fetches_nothing_from_elsewhere(self):
        podinfo = self.podinfo("--ui-message=<b>hello</b> & 'bye'", "--ui-color=#2e7d4f")
        info = json.loads(podinfo.ask("GET", "/api/info").text)
        self.browser.complaints()
        self.browser.open(f"http://127.0.0.1:{podinfo.port}/")
        self.assertEqual(self.browser.text("#message"), "<b>hello</b> & 'bye'")
        for name in ("hostname", "version", "revision", "color"):
            self.assertEqual(self.browser.text("#" + name), info[name], name)
        self.assertEqual(self.browser.call("GET", self.browser.session + "/title"), info["hostname"])
        wait_until(lambda: self.browser.style("body", "background-color") == "rgba(46, 125, 79, 1)", what="the colour")
        fetched = self.browser.run("return performance.getEntriesByType('resource').map(entry => entry.name)")
        self.assertEqual([url for url in fetched if not url.startswith((f"http://127.0.0.1:{podinfo.port}/", "data:"))], [])
        self.assertEqual(self.browser.complaints(), [])
        self.keep_picture("page")

    def test_pings_come_back(self):
        podinfo = self.podinfo()
        self.browser.open(f"http://127.0.0.1:{podinfo.port}/")
        version = self.browser.text("#version")
        for number in (1, 2):
            self.browser.click("#ping")
            wait_until(lambda: self.browser.text("#said") == f"pong {number} from {version}", what=f"pong {number}")

    def test_an_open_page_follows_a_release(self):
        before = self.podinfo("--ui-message=before", "--ui-color=#34577c")
        self.browser.open(f"http://127.0.0.1:{before.port}/")
        self.assertEqual(self.browser.text("#message"), "before")
        before.stop()
        after = Podinfo("--level=debug", f"--port={before.port}", "--ui-message=after", "--ui-color=#b3261e")
        self.addCleanup(after.stop)
        wait_until(lambda: self.browser.text("#message") == "after", what="the new message on the open page")
        wait_until(lambda: self.browser.style("body", "background-color") == "rgba(179, 38, 30, 1)", what="the new colour")

    def test_it_works_below_a_prefix_and_leads_to_the_api(self):
        podinfo = self.podinfo("--prefix=/foo")
        self.browser.open(f"http://127.0.0.1:{podinfo.port}/foo")
        self.browser.click("#ping")
        wait_until(lambda: self.browser.text("#said").startswith("pong 1"), what="a pong")
        self.browser.click("nav a")
        wait_until(lambda: "/version" in self.browser.text("#all"), what="the list of operations")
        self.browser.run("""for (const box of document.querySelectorAll("details"))
            if (box.querySelector("code").textContent === "/version") { box.open = true; box.querySelector("button").click(); }""")
        wait_until(lambda: '"commit"' in self.browser.text("details[open] pre"), what="an answer in the page")
        self.keep_picture("api")


if __name__ == "__main__":
    unittest.main()
