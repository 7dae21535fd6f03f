/* Half a megabyte of tables for other encodings: an event is JSON in UTF-8. */
Object.assign(exports, require('./internal'))
