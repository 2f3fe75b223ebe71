/** Persian words and the font for them, loaded together and only where they are wanted. */
import '@fontsource-variable/vazirmatn';

export { messages } from './fa.data.ts';
