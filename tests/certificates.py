"""For tests: an authority and certificates that it signs, made by the openssl command."""
import os
import subprocess


def openssl(*arguments, **kwargs):
    done = subprocess.run(["openssl", *arguments], capture_output=True, text=True, timeout=60, **kwargs)
    if done.returncode != 0:
        raise AssertionError(f"openssl {' '.join(arguments)}: {done.stderr}")
    return done.stdout


def read(path):
    with open(path, "rb") as file:
        return file.read()


class Authority:
    """Keys and certificates in a folder of the caller's."""

    def __init__(self, folder, name="Test Authority"):
        self.folder, self.count = folder, 0
        self.file, self.key = self.path("authority.pem"), self.path("authority.key")
        openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj", f"/CN={name}",
                "-addext", "keyUsage=critical,keyCertSign", "-keyout", self.key, "-out", self.file)

    def path(self, name):
        return os.path.join(self.folder, name)

    def issue(self, *names, rsa=False):
        """Paths of a certificate for these names and of its key."""
        self.count += 1
        key, request, certificate, extensions = (self.path(f"{self.count}.{kind}") for kind in ("key", "csr", "pem", "ext"))
        with open(extensions, "w") as file:
            file.write("subjectAltName=" + ",".join(f"DNS:{name}" for name in names))
        kind = ["rsa:2048"] if rsa else ["ec", "-pkeyopt", "ec_paramgen_curve:P-256"]
        openssl("req", "-new", "-newkey", *kind, "-nodes", "-subj", f"/CN={names[0]}", "-keyout", key, "-out", request)
        openssl("x509", "-req", "-in", request, "-CA", self.file, "-CAkey", self.key, "-CAcreateserial", "-days", "1", "-extfile",
                extensions, "-out", certificate)
        return certificate, key

    def as_import(self, *names, **kwargs):
        """What ACM's ImportCertificate wants."""
        certificate, key = self.issue(*names, **kwargs)
        return {"Certificate": read(certificate), "PrivateKey": read(key), "CertificateChain": read(self.file)}
