"""A Modbus board for the tests: pymodbus' server, told on its standard input what its inputs show.

    modbus_board.py tcp 127.0.0.1:PORT
    modbus_board.py rtu DEVICE [UNIT ...]

Lines on its standard input: `discrete ADDRESS VALUE`, `coil ...`, `input ...`, `holding ...`; each is answered
`done`; with `?` as its VALUE, by what it shows. Where units are given, the server is that many boards on one line, and each of these lines has the unit before
it, `3 coil 0 1`; `3 mute` and `3 speaks` let one of them fall silent and answer again. `ready` is printed once it can
be asked. It ends with its input.
"""

import asyncio
import sys

from pymodbus.datastore import (
    ModbusSequentialDataBlock,
    ModbusServerContext,
    ModbusSlaveContext,
)
from pymodbus.server.async_io import ModbusSerialServer, ModbusTcpServer

try:
    from pymodbus.framer.rtu_framer import ModbusRtuFramer
except ImportError:
    from pymodbus.transaction import ModbusRtuFramer

FUNCTIONS = {"coil": 1, "discrete": 2, "holding": 3, "input": 4}


def listen_to_the_test(loop, units, context, stop):
    """Takes what the test types, on a thread of its own."""
    for line in sys.stdin:
        words = line.split()
        number = int(words.pop(0)) if words[0].isdigit() else 0
        if words == ["mute"]:
            del context[number]
        elif words == ["speaks"]:
            context[number] = units[number]
        else:
            table, address, value = words
            if value == "?":
                shown = units[number].getValues(FUNCTIONS[table], int(address), 1)
                print(int(shown[0]), flush=True)
                continue
            units[number].setValues(FUNCTIONS[table], int(address), [int(value)])
        print("done", flush=True)
    loop.call_soon_threadsafe(stop.set)


def board():
    block = lambda: ModbusSequentialDataBlock(0, [0] * 100)
    return ModbusSlaveContext(di=block(), co=block(), hr=block(), ir=block(), zero_mode=True)


async def main():
    kind, where = sys.argv[1:3]
    units = {int(unit): board() for unit in sys.argv[3:]} or {0: board()}
    if 0 in units:
        context = ModbusServerContext(slaves=units[0], single=True)
    else:
        context = ModbusServerContext(slaves=dict(units), single=False)
    stop = asyncio.Event()
    if kind == "tcp":
        host, port = where.rsplit(":", 1)
        server = ModbusTcpServer(context, address=(host, int(port)), allow_reuse_address=True)
        serving = asyncio.ensure_future(server.serve_forever())
        await server.serving
    else:
        server = ModbusSerialServer(
            context,
            framer=ModbusRtuFramer,
            port=where,
            baudrate=19200,
            ignore_missing_slaves=True,
        )
        await server.start()
        serving = asyncio.ensure_future(server.serve_forever())
    print("ready", flush=True)
    loop = asyncio.get_running_loop()
    loop.run_in_executor(None, listen_to_the_test, loop, units, context, stop)
    await stop.wait()
    serving.cancel()


asyncio.run(main())
