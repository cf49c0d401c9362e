import { type DynamicModule, Module } from '@nestjs/common';
import type { AppConfig } from '../config/app-config';
import { BackupFolder } from './backup-folder';
import { BackupSchedule } from './backup-schedule';

/** Backs up the SQLite file where `BACKUP_DIR` is set; otherwise it is empty. */
@Module({})
export class BackupsModule {
  static forRoot({ backups: { directory }, database: { target } }: AppConfig): DynamicModule {
    if (directory === undefined || target.kind !== 'sqlite') return { module: BackupsModule };
    const folder = new BackupFolder(directory, target.path);
    return {
      module: BackupsModule,
      providers: [{ provide: BackupFolder, useValue: folder }, BackupSchedule],
    };
  }
}
