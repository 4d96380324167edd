"""twisted.web with the answers that the other peers of http.sh give: http_twisted.py PORT FOLDER"""

import sys

from twisted.internet import epollreactor

epollreactor.install()
from twisted.internet import reactor
from twisted.web import resource, server, static


class Hello(resource.Resource):
    isLeaf = True

    def render_GET(self, request):
        request.setHeader(b"content-type", b"text/plain")
        return b"Hello, World!"


class QuietSite(server.Site):
    def log(self, request):
        pass


port, folder = sys.argv[1:]
root = static.File(folder)
root.putChild(b"hello", Hello())
reactor.listenTCP(int(port), QuietSite(root), backlog=4096, interface="127.0.0.1")
reactor.run()
