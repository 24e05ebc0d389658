// Puts the report of one run together.

buildPage([header(), notices(), results(), differences(), curves(), calibration(), similarities(), maps(), classTable(),
  confusion(), repeat(), configuration()]);
