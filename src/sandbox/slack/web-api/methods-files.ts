import { z } from 'zod';
import { BOT, newId, threadOf, visibleChannel } from '../state.ts';
import type { Method } from './method.ts';
import { SlackError } from './slack-error.ts';

const completedSchema = z.array(z.object({ id: z.string(), title: z.string().optional() })).min(1);

export const fileMethods: Record<string, Method> = {
  'files.getUploadURLExternal': {
    scopes: ['files:write'],
    run({ state, args, origin }) {
      const name = args.required('filename');
      const length = args.integer('length');
      if (length === undefined || length < 1) {
        throw new SlackError('invalid_arguments', ['[ERROR] missing required field: length']);
      }
      const id = newId('F');
      state.files.set(id, { id, name, length });
      return { upload_url: `${origin}/upload/${id}`, file_id: id };
    },
  },
  'files.completeUploadExternal': {
    scopes: ['files:write'],
    run({ state, args }) {
      const parsed = completedSchema.safeParse(args.json('files'));
      if (!parsed.success)
        throw new SlackError('invalid_arguments', ['[ERROR] invalid files [json-pointer:/files]']);
      const files = parsed.data.map(({ id, title }) => {
        const file = state.files.get(id);
        if (!file?.content) throw new SlackError('file_not_found');
        return { file, title };
      });
      const channelId = args.optional('channel_id');
      const channel = channelId ? visibleChannel(state, channelId) : undefined;
      if (channel?.archived) throw new SlackError('is_archived');
      // chat:write.public does not help here.
      if (channel && !channel.botIsMember) throw new SlackError('not_in_channel');
      const thread_ts = channel
        ? threadOf(state, channel.id, args.optional('thread_ts') || undefined)
        : undefined;
      const text = args.optional('initial_comment') ?? '';
      for (const { file, title } of files) Object.assign(file, { title, channel: channel?.id, thread_ts });
      if (channel) {
        const ids = files.map(({ file }) => file.id);
        const message = { channel: channel.id, ts: state.newTs(), thread_ts, text, edited: 0, files: ids };
        state.messages.push({ ...message, user: BOT.userId });
      }
      state.touch();
      return { files: files.map(({ file }) => ({ id: file.id, title: file.title ?? file.name })) };
    },
  },
};
