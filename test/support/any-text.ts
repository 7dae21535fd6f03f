import fc from 'fast-check'

/** Text of any UTF-16 units, half surrogate pairs and control characters among them. */
export const anyText = fc.string({unit: fc.nat({max: 0xff_ff}).map(code => String.fromCharCode(code))})
