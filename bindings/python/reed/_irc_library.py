"""libreed-irc, and what of its headers reed.irc relies on; see _library.py."""

import ctypes
from ctypes import (POINTER, Structure, c_bool, c_char, c_char_p, c_int, c_int64, c_size_t,
                    c_uint, c_uint16, c_uint64, c_uint8, c_void_p)

from ._library import CFuture, List, Slice, declare, load

PARAMS_MAX = 15    # of a message
PREFIXES_MAX = 15  # of members


class ClientOptions(Structure):
    _fields_ = [
        ("size", c_size_t), ("endpoint", c_char_p), ("endpoints", POINTER(c_char_p)),
        ("dial", c_void_p), ("dial_arg", c_void_p), ("nick", c_char_p),
        ("alternates", POINTER(c_char_p)), ("username", c_char_p), ("realname", c_char_p),
        ("password", c_char_p), ("no_regain", c_bool), ("sasl_user", c_char_p),
        ("sasl_password", c_char_p), ("sasl_mechanism", c_char_p),
        ("sasl_certificate", c_bool), ("sasl_optional", c_bool), ("plain_in_clear", c_bool),
        ("channels", c_char_p), ("no_rejoin", c_bool), ("rejoin_kicked", c_bool),
        ("capabilities", c_char_p), ("not_capabilities", c_char_p), ("connect_ms", c_int64),
        ("register_ms", c_int64), ("answer_ms", c_int64), ("ping_ms", c_int64),
        ("quit_ms", c_int64), ("no_reconnect", c_bool), ("reconnect_most", c_uint),
        ("reconnect_ms", c_int64), ("reconnect_most_ms", c_int64), ("flood_burst", c_uint),
        ("flood_ms", c_int64), ("queue_bytes", c_size_t), ("ctcp_version", c_char_p),
        ("ctcp_source", c_char_p), ("ctcp_finger", c_char_p), ("ctcp_userinfo", c_char_p),
        ("no_ctcp", c_bool), ("ctcp_burst", c_uint), ("ctcp_ms", c_int64),
        ("channels_most", c_size_t), ("members_most", c_size_t), ("answer_bytes", c_size_t),
        ("sts", c_void_p), ("no_sts", c_bool), ("reserved", c_void_p * 8)]

    DEFAULTS = {
        "connect_ms": 30000, "register_ms": 60000, "answer_ms": 60000, "ping_ms": 120000,
        "quit_ms": 3000, "reconnect_ms": 2000, "reconnect_most_ms": 300000, "flood_burst": 5,
        "flood_ms": 2000, "queue_bytes": 1 << 20, "ctcp_burst": 3, "ctcp_ms": 5000,
        "channels_most": 1000, "members_most": 100000, "answer_bytes": 4 << 20}
    HIDDEN = {"size", "dial", "dial_arg", "sts", "reserved"}

    @classmethod
    def with_defaults(cls, **options):
        self, known = cls(size=ctypes.sizeof(cls)), dict(cls._fields_)
        for name, value in (cls.DEFAULTS | options).items():
            if name not in known or name in cls.HIDDEN:
                raise TypeError(f"an IRC client has no option {name!r}; reed/irc/client.h "
                                "lists those there are")
            if known[name] is POINTER(c_char_p) and value is not None:
                value = (c_char_p * (len(value) + 1))(*[v.encode() for v in value], None)
            elif isinstance(value, str):
                value = value.encode()
            setattr(self, name, value)
        return self


class Message(Structure):
    _fields_ = [("line", Slice), ("tags", Slice), ("source", Slice), ("verb", Slice),
                ("command", c_int), ("numeric", c_uint16), ("count", c_uint8),
                ("colon", c_bool), ("ascii", c_bool), ("params", Slice * PARAMS_MAX)]


class CEvent(Structure):
    _fields_ = [("kind", c_int), ("message", POINTER(Message)), ("nick", Slice), ("user", Slice),
                ("host", Slice), ("target", Slice), ("reply_to", Slice), ("text", Slice),
                ("subject", Slice), ("account", Slice), ("id", Slice), ("batch", Slice),
                ("time", c_int64), ("numeric", c_uint16), ("err", c_int), ("is_mine", c_bool),
                ("is_private", c_bool), ("is_past", c_bool), ("is_over", c_bool),
                ("reserved", c_void_p * 4)]


class Ring(Structure):
    _fields_ = [("p", c_void_p), ("first", c_size_t), ("count", c_size_t), ("size", c_size_t),
                ("most", c_size_t)]


class Subscription(Structure):
    _fields_ = [("future", CFuture), ("channel", c_void_p), ("kind", c_void_p), ("link", List),
                ("ring", Ring), ("gap", c_uint64), ("missed", c_uint64), ("out", c_void_p),
                ("waiting", c_bool), ("closed", c_bool)]


class CEvents(Structure):
    _fields_ = [("event", POINTER(CEvent)), ("queue", Subscription)]


class CUser(Structure):
    _fields_ = [("nick", c_char_p), ("user", c_char_p), ("host", c_char_p),
                ("account", c_char_p), ("realname", c_char_p), ("is_away", c_bool),
                ("is_bot", c_bool), ("channels", c_uint)]


class CMember(Structure):
    _fields_ = [("user", POINTER(CUser)), ("modes", c_char * (PREFIXES_MAX + 1))]


class CChannel(Structure):
    _fields_ = [("name", c_char_p), ("topic", c_char_p), ("topic_by", c_char_p),
                ("topic_time", c_int64), ("created", c_int64), ("members", c_size_t),
                ("has_names", c_bool), ("has_modes", c_bool)]


class Refused(Structure):
    _fields_ = [("numeric", c_uint16), ("code", c_char * 48), ("text", c_char * 400)]


class Pool(Structure):
    _fields_ = [("blocks", c_void_p), ("used", c_size_t), ("limit", c_size_t)]


class Answer(Structure):
    _fields_ = [("messages", POINTER(Message)), ("count", c_size_t), ("refusal", Refused),
                ("pool", Pool)]


irc = load("reed-irc")
declare(irc, """
    p reed_irc_client_new(p, p)
    void reed_irc_client_free(p)
    p reed_irc_client_run(p)
    p reed_irc_ready(p)
    p reed_irc_quit(p, slice)
    slice reed_irc_client_nick(p)
    slice reed_irc_client_account(p)
    bool reed_irc_client_is_me(p, slice)
    bool reed_irc_client_has(p, str)
    p reed_irc_channel_find(p, slice)
    p reed_irc_channel_next(p, p)
    p reed_irc_member_next(p, p)
    p reed_irc_say(p, slice, slice)
    p reed_irc_say_notice(p, slice, slice)
    p reed_irc_act(p, slice, slice)
    p reed_irc_ping(p, p)
    p reed_irc_join(p, slice, slice, p)
    p reed_irc_part(p, slice, slice, p)
    p reed_irc_kick(p, slice, slice, slice, p)
    p reed_irc_invite(p, slice, slice, p)
    p reed_irc_set_topic(p, slice, slice, p)
    p reed_irc_set_nick(p, slice, p)
    p reed_irc_set_away(p, slice, p)
    p reed_irc_set_modes(p, slice, slice, p)
    p reed_irc_request(p, slice, p)
    void reed_irc_answer_finish(p)
    str reed_irc_event_name(int)
    void reed_irc_events_begin(p, p, size)
    void reed_irc_events_end(p)
    p reed_irc_events_next(p)
""")
