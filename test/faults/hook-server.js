/**
 * The built server with hooks that record each transition in a table, and forget to await statements for
 * some product names. JavaScript, because it runs in its own process, without jest.
 */
const { runServer } = require('../../dist/src/server.js'); // first, as it decides whether to trace the others
const { setTimeout: delay } = require('node:timers/promises');
const { Module } = require('@nestjs/common');
const { Table } = require('typeorm');
const {
  HOOKED_TRANSITIONS,
  OnTransition,
} = require('../../dist/src/orders/on-transition.decorator.js');

class CreateRecorded1795800000000 {
  async up(queryRunner) {
    const columns = [
      { name: 'order_id', type: 'bigint', isPrimary: true },
      { name: 'sequence', type: 'integer', isPrimary: true },
      { name: 'transition', type: 'text' },
    ];
    await queryRunner.createTable(new Table({ name: 'recorded', columns }));
  }

  async down(queryRunner) {
    await queryRunner.dropTable('recorded');
  }
}

class Hooks {
  async record({ manager }, { id, version, productName }, { name }) {
    const values = `(${id}, ${version}, '${name}')`;
    const sql = `INSERT INTO recorded (order_id, sequence, transition) VALUES ${values}`;
    await manager.query(sql);
    if (productName === 'forgets a statement that fails') void manager.query(sql);
    if (productName === 'sends a statement late') void delay(100).then(() => manager.query(sql));
  }
}
const method = Object.getOwnPropertyDescriptor(Hooks.prototype, 'record');
OnTransition(HOOKED_TRANSITIONS)(Hooks.prototype, 'record', method);

class HooksModule {}
Module({ providers: [Hooks] })(HooksModule);

void runServer({ modules: [HooksModule], migrations: [CreateRecorded1795800000000] });
