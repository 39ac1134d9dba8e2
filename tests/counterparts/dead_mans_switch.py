"""A dead man's switch: an HTTPS server that answers OK to every GET, and prints who asked for what.

Usage: dead_mans_switch.py ADDRESS PORT CERTIFICATE KEY
"""
import http.server
import ssl
import sys


class Switch(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        print("GET", self.path, self.headers["User-Agent"], self.headers["Host"], flush=True)
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"OK")

    def log_message(self, *words):
        pass


address, port, certificate, key = sys.argv[1:]
server = http.server.ThreadingHTTPServer((address, int(port)), Switch)
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(certificate, key)
server.socket = context.wrap_socket(server.socket, server_side=True)
print("listening", flush=True)
server.serve_forever()
