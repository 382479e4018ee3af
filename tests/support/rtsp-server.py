"""A real RTSP server for tests: plays one H.264 file (or a test picture) to whoever asks, with a password when told so.
Arguments: port, file ('' draws a moving picture), user, password file ('' asks for none). Says "ready" when it listens, and at every
play of it "plays" with the moment at which its first picture is due, epoch ms: what is in front of this camera at any moment is known."""

import sys
import time

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import GLib, Gst, GstRtspServer

port, file, user, password_file = (sys.argv[1:] + ["", "", "", ""])[:4]
Gst.init(None)
if file:
    source = f'filesrc location="{file}" ! qtdemux ! h264parse'
else:
    source = "videotestsrc is-live=true pattern=ball ! video/x-raw,width=320,height=240,framerate=15/1 ! videoconvert ! openh264enc gop-size=15 complexity=low"
factory = GstRtspServer.RTSPMediaFactory()
factory.set_launch(f"( {source} ! rtph264pay name=pay0 config-interval=1 )")
factory.set_shared(not file)


def playing(element):
    clock = element.get_clock()
    if clock is None or element.get_base_time() == 0 or element.current_state != Gst.State.PLAYING:
        return True
    ran = clock.get_time() - element.get_base_time()
    print(f"plays {time.time() * 1000 - ran / 1e6:.1f}", flush=True)
    return False


# A media says that it plays before its pipeline has a clock, so the pipeline is asked until it has.
def configured(_, media):
    element = media.get_element()
    media.connect("new-state", lambda _, state: state == Gst.State.PLAYING and GLib.timeout_add(5, playing, element))


factory.connect("media-configure", configured)
server = GstRtspServer.RTSPServer()
server.set_address("127.0.0.1")
server.set_service(port)
if password_file:
    auth = GstRtspServer.RTSPAuth()
    token = GstRtspServer.RTSPToken()
    token.set_string("media.factory.role", "viewer")
    auth.add_basic(GstRtspServer.RTSPAuth.make_basic(user, open(password_file).read().strip()), token)
    server.set_auth(auth)
    permissions = GstRtspServer.RTSPPermissions()
    permissions.add_permission_for_role("viewer", "media.factory.access", True)
    permissions.add_permission_for_role("viewer", "media.factory.construct", True)
    factory.set_permissions(permissions)
server.get_mount_points().add_factory("/live", factory)
if server.attach(None) == 0:
    sys.exit("the port is taken")
print(f"ready {server.get_bound_port()}", flush=True)
GLib.MainLoop().run()
