"""A Sparkplug B edge node for the tests, of Python's own library alone: it speaks MQTT 3.1.1 and writes its payloads by hand.

    sparkplug_node.py HOST PORT

The node is works/station with the device plc. Lines on its standard input, each answered with one line, once the broker has what the node said:

    connect SESSION    connects with the will of that session (bdSeq)          done
    birth              publishes the births of node and device                 done
    flood 0|1          the device's metric Inputs/Flood, by its alias          done
    floods 0 1 0       the same, several samples in one message                done
    flooded 0|1        the metric changes and nothing is sent                  done
    past 0|1           a sample of the past                                    done
    supply NUMBER      the node's metric Supply, by its alias                  done
    many NUMBER        so many of those                                        done
    skip               a message is lost                                       done
    compressed         a payload that says that it is compressed               done
    death SESSION      a death of that session comes late                      done
    answer yes|no      whether it answers commands; at first it does           done
    asked              how often it was asked for its birth                    NUMBER
    die                its connection breaks: the broker publishes its will    done

`ready` is printed at its start. It ends with its input.
"""

import socket
import struct
import sys
import threading
import time

NODE, DEVICE = "works/{}/station", "works/{}/station/plc"
REBIRTH = b"Node Control/Rebirth"
BOOLEAN, DOUBLE, INT64 = 11, 10, 4


def varint(value):
    octets = bytearray()
    while value > 0x7F:
        octets.append(value & 0x7F | 0x80)
        value >>= 7
    octets.append(value)
    return bytes(octets)


def number(field, value):
    return varint(field << 3) + varint(value)


def block(field, octets):
    return varint(field << 3 | 2) + varint(len(octets)) + octets


def double(field, value):
    return varint(field << 3 | 1) + struct.pack("<d", value)


def metric(*fields):
    return block(2, b"".join(fields))


def payload(metrics, seq=None):
    now = number(1, int(time.time() * 1000))
    return now + b"".join(metrics) + (b"" if seq is None else number(3, seq))


def session(bd_seq):
    return metric(block(1, b"bdSeq"), number(4, INT64), number(11, bd_seq))


def text(octets):
    return struct.pack(">H", len(octets)) + octets


class Node:
    def __init__(self, host, port):
        self.broker, self.socket, self.lock = (host, port), None, threading.RLock()
        self.pong = threading.Semaphore(0)
        self.seq, self.session, self.flood, self.asked, self.answers = 0, 0, 0, 0, True

    def packet(self, kind, body):
        with self.lock:
            self.socket.sendall(bytes([kind]) + varint(len(body)) + body)

    def publish(self, kind, octets, where=NODE):
        topic = ("spBv1.0/" + where.format(kind)).encode()
        self.packet(0x30, text(topic) + octets)

    def connect(self, bd_seq):
        self.session = int(bd_seq)
        self.socket = socket.create_connection(self.broker)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        will = text(b"spBv1.0/works/NDEATH/station") + text(payload([session(self.session)]))
        # Clean session; a will of QoS 1, not kept.
        self.packet(0x10, text(b"MQTT") + bytes([4, 0x0E]) + b"\0\0" + text(b"station") + will)
        stream = self.socket.makefile("rb")
        assert stream.read(4) == b"\x20\x02\0\0", "the broker does not accept the node"
        self.packet(0x82, b"\0\x01" + text(b"spBv1.0/works/NCMD/station") + b"\0")
        assert stream.read(5) == b"\x90\x03\0\x01\0", "the broker does not take the subscription"
        threading.Thread(target=self.listen, args=(stream,), daemon=True).start()

    def listen(self, stream):
        try:
            while True:
                kind, length, shift = stream.read(1)[0], 0, 0
                while True:
                    octet = stream.read(1)[0]
                    length |= (octet & 0x7F) << shift
                    shift += 7
                    if octet < 0x80:
                        break
                body = stream.read(length)
                if kind == 0xD0:
                    self.pong.release()
                # A command that was kept, or that wants an answer of MQTT's, is none.
                if kind == 0x30 and REBIRTH + b"\x18" in body and body.endswith(b"\x20\x0b\x70\x01"):
                    with self.lock:
                        self.asked += 1
                        if self.answers:
                            self.birth()
        except (IndexError, OSError, ValueError):
            pass

    def next(self):
        self.seq = (self.seq + 1) % 256
        return self.seq

    def birth(self):
        with self.lock:
            self.seq = 0
            own = [
                session(self.session),
                metric(block(1, REBIRTH), number(4, BOOLEAN), number(14, 0)),
                metric(block(1, b"Supply"), number(2, 1), number(4, DOUBLE), double(13, 12.5)),
            ]
            self.publish("NBIRTH", payload(own, 0))
            flood = [block(1, b"Inputs/Flood"), number(2, 10), number(4, BOOLEAN), number(14, self.flood)]
            self.publish("DBIRTH", payload([metric(*flood)], self.next()), DEVICE)

    def floods(self, *samples, past=False):
        with self.lock:
            said = [number(5, 1)] if past else []
            if not past:
                self.flood = int(samples[-1])
            metrics = [metric(number(2, 10), *said, number(14, int(sample))) for sample in samples]
            self.publish("DDATA", payload(metrics, self.next()), DEVICE)

    def supply(self, value):
        with self.lock:
            self.publish("NDATA", payload([metric(number(2, 1), double(13, float(value)))], self.next()))

    def die(self):
        self.socket.shutdown(socket.SHUT_RDWR)
        self.socket.close()

    def hear(self, word, *rest):
        if word == "asked":
            return self.asked
        if word == "answer":
            self.answers = rest == ("yes",)
        elif word == "flood":
            self.floods(*rest)
        elif word == "flooded":
            self.flood = int(rest[0])
        elif word == "past":
            self.floods(*rest, past=True)
        elif word == "many":
            for value in range(int(rest[0])):
                self.supply(value)
        elif word == "skip":
            self.next()
        elif word == "compressed":
            self.publish("NDATA", payload([], self.next()) + block(4, b"SPBV1.0_COMPRESSED"))
        elif word == "death":
            self.publish("NDEATH", payload([session(int(rest[0]))]))
        else:
            getattr(self, word)(*rest)
        if word != "die":
            # The broker has taken all that was said before this.
            self.packet(0xC0, b"")
            assert self.pong.acquire(timeout=60), "the broker does not answer the node"
        return "done"


node = Node(sys.argv[1], int(sys.argv[2]))
print("ready", flush=True)
for line in sys.stdin:
    print(node.hear(*line.split()), flush=True)
