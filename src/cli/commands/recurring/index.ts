import { command } from '../../command.ts'
import { apply } from './apply.ts'
import { disable, enable, remove } from './by-keys.ts'
import { create } from './create.ts'
import { edit } from './edit.ts'
import { list } from './list.ts'
import { runNow } from './run-now.ts'
import { show } from './show.ts'

export const recurring = command('recurring', 'list the recurring tasks, show, create, edit, disable and run them')
recurring.addCommand(list, { isDefault: true })
for (const each of [show, create, edit, enable, disable, runNow, remove, apply]) recurring.addCommand(each)
