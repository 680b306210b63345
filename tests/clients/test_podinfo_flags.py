"""podinfo's flags, environment and files: what they do, and what is said of mistakes."""
import json
import os
import socket
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from harness import wait_until
from podinfo_process import Podinfo, free_port, run


class Flags(unittest.TestCase):
    def test_a_mistake_is_one_line_and_2(self):
        for flags, message in ((["--port"], "flag needs an argument: --port"),
                               (["--port=x"], 'invalid argument "x" for "--port" flag: strconv.ParseInt: parsing "x": invalid syntax'),
                               (["--h2c=7"], 'invalid argument "7" for "--h2c" flag: strconv.ParseBool: parsing "7": invalid syntax'),
                               (["--nope"], "unknown flag: --nope"), (["-x"], "unknown shorthand flag: 'x' in -x"),
                               (["--http-server-timeout=5x"],
                                'invalid argument "5x" for "--http-server-timeout" flag: time: unknown unit "x" in duration "5x"'),
                               (["--http-server-timeout", "30"],
                                'invalid argument "30" for "--http-server-timeout" flag: time: missing unit in duration "30"'),
                               (["--random-delay-max=1", "--random-delay-min=2"],
                                "`--random-delay-max` should be greater than `--random-delay-min`"),
                               (["--random-delay-unit=h"], "`random-delay-unit` accepted values are: s|ms")):
            with self.subTest(flags=flags):
                done = run(*flags)
                self.assertEqual((done.returncode, done.stdout), (2, ""))
                self.assertEqual(done.stderr.split("\n")[:2], ["Error: " + message, ""])
                self.assertIn("--random-delay-unit", done.stderr.split("\n\n", 1)[1])

    def test_version_and_help(self):
        for flags in (["--version"], ["-v"], ["-v=true"], ["foo", "--version", "--", "--nope"]):
            done = run(*flags)
            self.assertEqual((done.returncode, done.stderr), (0, ""))
            self.assertRegex(done.stdout, r"^\S+\n$")
        for flag in ("--help", "-h"):
            done = run(flag)
            self.assertEqual((done.returncode, done.stdout), (0, ""))
            self.assertIn("--grpc-port", done.stderr)

    def test_a_port_in_use_and_a_missing_certificate_are_1(self):
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            port = taken.getsockname()[1]
            done = run("--host=127.0.0.1", f"--port={port}")
            self.assertEqual(done.returncode, 1)
            self.assertIn(f"127.0.0.1:{port}", done.stderr)
            self.assertIn('"HTTP server crashed"', done.stderr)
        done = run("--host=127.0.0.1", f"--port={free_port()}", f"--secure-port={free_port()}", "--cert-path=/nowhere")
        self.assertEqual(done.returncode, 1)
        self.assertIn("/nowhere/tls.crt", done.stderr)
        self.assertIn('"HTTPS server crashed"', done.stderr)
        done = run("--host=nowhere", f"--port={free_port()}")
        self.assertEqual(done.returncode, 1)
        for flags, said in ((["--port=-1"], "HTTP server crashed"), (["--port=65536"], "HTTP server crashed"),
                            (["--port=0", "--secure-port=65536", "--cert-path=/nowhere"], "HTTPS server crashed"),
                            (["--port=0", "--grpc-port=65536"], "failed to listen")):
            with self.subTest(flags=flags):
                done = run("--host=127.0.0.1", *flags)
                self.assertEqual(done.returncode, 1)
                self.assertIn(said, done.stderr)

    def test_what_is_said_to_be_empty_is_and_words_that_are_no_flags_are_passed_over(self):
        with Podinfo("--h2c", "false", "--ui-message=", "--ui-logo", "", "--", "--nope",
                     env={"PODINFO_UI_LOGO": "x", "PODINFO_PORT_METRICS": "tcp://10.0.0.1:9797"}) as podinfo:
            info = json.loads(podinfo.ask("GET", "/api/info").text)
            self.assertEqual((info["message"], info["logo"]), ("", ""))

    def test_a_metrics_port_in_use_is_passed_over(self):
        with socket.socket() as taken:
            taken.bind(("0.0.0.0", 0))
            taken.listen()
            with Podinfo(f"--port-metrics={taken.getsockname()[1]}") as podinfo:
                self.assertEqual(podinfo.ask("GET", "/metrics").status, 200)

    def test_flags_go_before_the_environment_and_that_before_the_file(self):
        with tempfile.TemporaryDirectory() as folder:
            with open(os.path.join(folder, "config.yaml"), "w") as file:
                file.write("ui-color: blue\nui-message: 'from the file'\nui-logo: file.svg\nunready: true\njwt-secret: k\n")
            flags = (f"--config-path={folder}", "--ui-color=red")
            with Podinfo(*flags, env={"PODINFO_UI_COLOR": "green", "PODINFO_UI_LOGO": "env.svg", "PODINFO_PORT": "tcp://10.0.0.1:9898",
                                      "PODINFO_UI_MESSAGE": ""}) as podinfo:
                info = json.loads(podinfo.ask("GET", "/api/info").text)
                self.assertEqual((info["color"], info["logo"], info["message"]), ("red", "env.svg", "from the file"))
                self.assertEqual(podinfo.ask("GET", "/readyz").status, 503)
                self.assertIn("from the file", json.loads(podinfo.ask("GET", "/configs").text)["config.yaml"])

    def test_a_config_file_that_cannot_be_read_is_said_and_passed_over(self):
        with tempfile.TemporaryDirectory() as folder, socket.socket() as taken:
            with open(os.path.join(folder, "config.yaml"), "w") as file:
                file.write("a:\n  b: c: 1\n")
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            done = run(f"--config-path={folder}", "--host=127.0.0.1", f"--port={taken.getsockname()[1]}")
            self.assertEqual(done.returncode, 1)   # for the port alone
            self.assertRegex(done.stdout, r"^Error reading config file, .*config\.yaml: line 2: [^\n]*\n$")

    def test_a_host_may_be_a_name(self):
        with Podinfo("--host=localhost") as podinfo:
            self.assertEqual(podinfo.ask("GET", "/version").status, 200)
        nobody = run("--host=nobody.invalid")
        self.assertEqual((nobody.returncode, nobody.stderr.count("HTTP server crashed")), (1, 1), nobody.stderr)

    def test_the_log_has_the_time_of_its_zone(self):
        for zone, end in (("UTC0", "Z"), ("EAST-2", r"\+0200"), ("WEST3:30", "-0330")):
            with Podinfo(env={"TZ": zone}) as podinfo:
                line = json.loads(podinfo.wait_for_line("Starting HTTP Server"))
                self.assertRegex(line["ts"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}" + end + "$")

    def test_a_path_that_is_not_there_is_one_line(self):
        with Podinfo("--config-path=/nowhere", "--data-path=/proc/nowhere") as podinfo:
            podinfo.wait_for_line("Starting HTTP Server")
            podinfo.signal()
            podinfo.wait()
            told = [json.loads(line) for line in podinfo.lines if line and "nowhere" in line]
            self.assertEqual([(line["level"], line["msg"]) for line in told],
                             [("warn", "the data path cannot be written to: /store will fail"), ("warn", "config files not read")])

    def test_unhealthy_and_unready(self):
        with Podinfo("--unhealthy", "--unready") as podinfo:
            self.assertEqual([podinfo.ask("GET", path).status for path in ("/healthz", "/readyz")], [503, 503])
            podinfo.ask("POST", "/readyz/enable")
            self.assertEqual([podinfo.ask("GET", path).status for path in ("/healthz", "/readyz")], [503, 200])

    def test_random_errors_have_no_body_and_come_without_end(self):
        with Podinfo("--random-error") as podinfo:
            seen = set()

            def all_seen():
                answer = podinfo.ask("GET", "/healthz")
                if answer.status != 200:
                    self.assertEqual(answer.body, b"")
                seen.add(answer.status)
                return len(seen) == 4

            wait_until(all_seen, what="each of four statuses")
            self.assertEqual(seen, {200, 400, 409, 500})

    def test_random_delays_do_not_change_answers(self):
        with Podinfo("--random-delay", "--random-delay-unit=ms", "--random-delay-min=3", "--random-delay-max=3") as podinfo:
            self.assertEqual(podinfo.ask("GET", "/version").status, 200)

    def test_without_a_port_there_is_no_server(self):
        port = free_port()
        with Podinfo("--port=0", f"--port-metrics={port}", wait_for="Starting podinfo") as podinfo:
            wait_until(lambda: socket.socket().connect_ex(("127.0.0.1", port)) == 0, what="the metrics port")
            self.assertEqual(podinfo.ask("GET", "/healthz", port=port).text, "OK")
            podinfo.signal()
            self.assertEqual(podinfo.wait(), 0)

    def test_stress_is_said_and_does_not_keep_the_service_from_answering(self):
        with Podinfo("--stress-cpu=1", "--stress-memory=2") as podinfo:
            self.assertIn('"cores":1', podinfo.wait_for_line("starting CPU stress"))
            self.assertIn('"memory":2000000', podinfo.wait_for_line("starting MEMORY stress"))
            self.assertEqual(podinfo.ask("GET", "/version").status, 200)


class Files(unittest.TestCase):
    def test_files_of_the_config_path_are_shown_as_they_are_now(self):
        with tempfile.TemporaryDirectory() as folder:
            def swap(version):
                """As the kubelet does it."""
                os.mkdir(os.path.join(folder, f"..{version}"))
                with open(os.path.join(folder, f"..{version}", "key"), "w") as file:
                    file.write(version)
                os.symlink(f"..{version}", os.path.join(folder, "..data_tmp"))
                os.rename(os.path.join(folder, "..data_tmp"), os.path.join(folder, "..data"))

            swap("one")
            os.symlink("..data/key", os.path.join(folder, "key"))
            with Podinfo(f"--config-path={folder}") as podinfo:
                def shown():
                    return json.loads(podinfo.ask("GET", "/configs").text)

                wait_until(lambda: shown() == {"key": "one"}, what="the first version")
                swap("two")
                wait_until(lambda: shown() == {"key": "two"}, what="the second version")
                with open(os.path.join(folder, "plain"), "w") as file:
                    file.write("x")
                wait_until(lambda: shown() == {"key": "two", "plain": "x"}, what="a plain file")
                os.unlink(os.path.join(folder, "plain"))
                wait_until(lambda: shown() == {"key": "two"}, what="its end")


if __name__ == "__main__":
    unittest.main()
