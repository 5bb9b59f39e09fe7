/** `inventory.img`: what a dump says of itself. Source: images/inventory.proto. */
import type { Inventory } from '../../model.ts';
import { entryOf, type Field, fieldsOf } from './image.ts';

/** Fields that this CRIU did not write are null: `dump_uptime` is there with memory tracking only. */
export function decodeInventory(bytes: Uint8Array, file: string): Inventory {
  const values = fieldsOf(entryOf(file, bytes, [INVENTORY_MAGIC]), FIELDS);
  return {
    img_version: values.get('img_version') as number,
    dump_uptime: (values.get('dump_uptime') as number | undefined) ?? null,
    network_lock_method: (values.get('network_lock_method') as number | undefined) ?? null,
    dump_criu_run_id: (values.get('dump_criu_run_id') as string | undefined) ?? null,
  };
}

const INVENTORY_MAGIC = 0x58313116;

const FIELDS: Record<keyof Inventory, Field> = {
  img_version: { number: 1, type: 'uint', required: true },
  dump_uptime: { number: 8, type: 'uint', required: false },
  network_lock_method: { number: 11, type: 'uint', required: false },
  dump_criu_run_id: { number: 13, type: 'string', required: false },
};
