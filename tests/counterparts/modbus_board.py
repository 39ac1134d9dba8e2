"""A Modbus board for the tests: pymodbus' server, told on its standard input what its inputs show.

    modbus_board.py tcp 127.0.0.1:PORT
    modbus_board.py rtu DEVICE

Lines on its standard input: `discrete ADDRESS VALUE`, `coil ...`, `input ...`, `holding ...`; each is answered
`done`; with `?` as its VALUE, by what it shows. `ready` is printed once it can be asked. It ends with its input.
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


def listen_to_the_test(loop, unit, stop):
    """Takes what the test types, on a thread of its own."""
    for line in sys.stdin:
        table, address, value = line.split()
        if value == "?":
            print(int(unit.getValues(FUNCTIONS[table], int(address), 1)[0]), flush=True)
            continue
        unit.setValues(FUNCTIONS[table], int(address), [int(value)])
        print("done", flush=True)
    loop.call_soon_threadsafe(stop.set)


async def main():
    kind, where = sys.argv[1:3]
    block = lambda: ModbusSequentialDataBlock(0, [0] * 100)
    unit = ModbusSlaveContext(di=block(), co=block(), hr=block(), ir=block(), zero_mode=True)
    context = ModbusServerContext(slaves=unit, single=True)
    stop = asyncio.Event()
    if kind == "tcp":
        host, port = where.rsplit(":", 1)
        server = ModbusTcpServer(context, address=(host, int(port)), allow_reuse_address=True)
        serving = asyncio.ensure_future(server.serve_forever())
        await server.serving
    else:
        server = ModbusSerialServer(context, framer=ModbusRtuFramer, port=where, baudrate=19200)
        await server.start()
        serving = asyncio.ensure_future(server.serve_forever())
    print("ready", flush=True)
    loop = asyncio.get_running_loop()
    loop.run_in_executor(None, listen_to_the_test, loop, unit, stop)
    await stop.wait()
    serving.cancel()


asyncio.run(main())
