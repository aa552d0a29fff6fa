/* SPDX-License-Identifier: MIT */
/*
 * How the recap's page looks, and what it does: a style sheet and a script, which stand in the page
 * itself. It is read on phones and on desks, by day and by night, with and without a mouse.
 */
#ifndef CLIPNOTES_RECAP_PAGE_LOOK_H
#define CLIPNOTES_RECAP_PAGE_LOOK_H

extern const char page_style[];  /* CSS */
extern const char page_script[]; /* JavaScript; the page is whole without it */

#endif
